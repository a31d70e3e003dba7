/**
 * The smallest program for each primitive, open to every signed-in user: what outside tests drive,
 * and what to copy from. On where {@code sallyport.sample.enabled} says so, which the local profile
 * does; elsewhere it looks as if it were not there.
 *
 * <p>Start reading at {@link dev.sallyport.data.service.sample.SampleSteps}. The workflows run on
 * virtual threads, {@link dev.sallyport.data.service.sample.CounterResource} on the event loop.
 */
@NullMarked
package dev.sallyport.data.service.sample;

import org.jspecify.annotations.NullMarked;
