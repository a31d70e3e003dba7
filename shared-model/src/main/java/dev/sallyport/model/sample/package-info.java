/** What the samples of the data-worker answer to from elsewhere. */
@NullMarked
package dev.sallyport.model.sample;

import org.jspecify.annotations.NullMarked;
