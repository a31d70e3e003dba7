/** Tests of the whole data-worker, and the caller they all use. */
@NullMarked
package dev.sallyport.data;

import org.jspecify.annotations.NullMarked;
