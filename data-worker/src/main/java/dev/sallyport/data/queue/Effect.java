package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Tx;

/** What handling messages does to our own tables. */
@FunctionalInterface
public interface Effect {
  /**
   * Runs in the transaction that records the messages as done: once for each message, however often
   * it is delivered. May run again in another transaction when this one met another.
   */
  void in(Tx tx) throws Exception;
}
