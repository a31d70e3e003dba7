package dev.sallyport.data.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One message in a consumer's hands. The first verdict counts; another one afterwards is an {@link
 * IllegalStateException}. Only for the thread that runs the consumer.
 *
 * @param <T> what its body was read into
 */
public interface Message<T> {
  /** The sender's own id, or the one that was drawn for it. */
  String id();

  T body();

  /** Messages with the same one come one after the other. */
  Optional<String> key();

  /** Who sent it, as the user-worker verified, or the service whose transaction it was. */
  String sender();

  /** When the broker took it. */
  Instant sentAt();

  /** Which attempt this is; the first is 1. */
  int attempt();

  /** Verdict: handled. Recorded soon after the consumer returns. */
  void done();

  /**
   * Verdict: handled, and this is what it did to our tables. Both are committed when this returns.
   *
   * @throws Exception the effect's own, or why it could not be committed; there is no verdict then
   */
  void done(Effect effect) throws Exception;

  /**
   * Verdict: to be tried again after this time, at the earliest. Counts as an attempt; the last one
   * makes it a dead letter.
   */
  void again(Duration after);

  /** Verdict: not to be tried again, but kept as a dead letter for a person to look at. */
  void park(String reason);
}
