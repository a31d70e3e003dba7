/**
 * Both workers from the outside, as real processes on real stores.
 *
 * <p>Start with {@link dev.sallyport.system.Platform}: it starts Postgres, Redis, Kafka and the
 * workers on free ports, and kills, pauses and restarts each of them. Around it are small clients
 * that hide as little as possible: {@link dev.sallyport.system.RawSocket} sends exact bytes, {@link
 * dev.sallyport.system.WsClient} exact frames, {@link dev.sallyport.system.Recorder} stands where
 * the private worker should be and keeps what arrives. The tests of this package use them, and so
 * do the benchmarks ({@link dev.sallyport.system.Bench}).
 *
 * <p>Everything blocks and belongs to the thread of the test that made it, unless a class says
 * otherwise. A worker that does not start, or an answer that does not come within its bound, is an
 * exception with the tail of the log or with what came so far.
 */
@NullMarked
package dev.sallyport.system;

import org.jspecify.annotations.NullMarked;
