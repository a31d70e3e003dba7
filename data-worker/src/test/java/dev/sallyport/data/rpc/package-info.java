/** Tests of remote calls: their parts, and all of it over the wire. */
@NullMarked
package dev.sallyport.data.rpc;

import org.jspecify.annotations.NullMarked;
