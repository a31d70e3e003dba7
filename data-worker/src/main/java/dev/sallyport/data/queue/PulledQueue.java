package dev.sallyport.data.queue;

/**
 * A queue whose messages are handled by programs outside: they lease some over HTTP, and
 * acknowledge each when it is handled. A CDI bean that implements this is all there is to register;
 * the queue is called like the class unless {@link #options} says another name.
 */
public interface PulledQueue {
  /** Whether this worker offers the queue at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }

  /** What holds for this queue; read once, at the start of the worker. */
  default QueueOptions options() {
    return QueueOptions.DEFAULT;
  }
}
