package dev.sallyport.data.queue;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/**
 * Messages that are handled together: at most {@link QueueOptions.Batching#size}, no two of one
 * key. Only for the thread that runs the consumer.
 *
 * @param <T> what their bodies were read into
 */
public interface Batch<T> extends Iterable<Message<T>> {
  List<Message<T>> messages();

  /**
   * Verdict for all that have none yet: handled, and this is what they did to our tables. One
   * transaction for all of them, and committed when this returns.
   *
   * @throws Exception the effect's own, or why it could not be committed; there is no verdict then
   */
  void done(Effect effect) throws Exception;

  /**
   * The same for some of them.
   *
   * @param those of this batch, none with a verdict
   */
  void done(Collection<Message<T>> those, Effect effect) throws Exception;

  @Override
  default Iterator<Message<T>> iterator() {
    return messages().iterator();
  }
}
