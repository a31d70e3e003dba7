/** Tests of the echo service over the wire. */
@NullMarked
package dev.sallyport.data.service.echo;

import org.jspecify.annotations.NullMarked;
