package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Tx;

/** What a job does to our own tables. */
@FunctionalInterface
public interface Effect {
  /**
   * Runs in the transaction that records the fire as complete. May run again in another transaction
   * when this one met another.
   */
  void in(Tx tx) throws Exception;
}
