package dev.sallyport.data.queue;

/**
 * Handles the messages of one queue. A CDI bean ({@code @ApplicationScoped}) that implements this
 * is all there is to register; the queue is called like the class, in lower case with dashes,
 * unless {@link #options} says another name.
 *
 * @param <T> what the JSON of a body is read into; a body that does not fit is parked at once
 */
public interface QueueConsumer<T> {
  /**
   * Handles some messages of different keys, and gives each a verdict: see {@link Message}. Those
   * without one are done when this returns, and are tried again when it throws. Runs on a virtual
   * thread and may block; as many at once on each worker as {@link QueueOptions#concurrency} says.
   *
   * @throws Exception is the reason why those without a verdict are tried again
   */
  void consume(Batch<T> batch) throws Exception;

  /** Whether this worker offers the queue at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }

  /** What holds for this queue; read once, at the start of the worker. */
  default QueueOptions options() {
    return QueueOptions.DEFAULT;
  }
}
