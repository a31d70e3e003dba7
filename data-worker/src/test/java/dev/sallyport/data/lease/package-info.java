/** Tests of what the data-worker stands on. */
@NullMarked
package dev.sallyport.data.lease;

import org.jspecify.annotations.NullMarked;
