/** Tests of actors. */
@NullMarked
package dev.sallyport.data.actor;

import org.jspecify.annotations.NullMarked;
