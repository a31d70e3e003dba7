/** Tests of what the data-worker stands on. */
@NullMarked
package dev.sallyport.data.platform;

import org.jspecify.annotations.NullMarked;
