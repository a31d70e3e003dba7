/** Tests of queues. */
@NullMarked
package dev.sallyport.data.queue;

import org.jspecify.annotations.NullMarked;
