package dev.sallyport.data.actor;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an actor's calls of one commit did, in all. Immutable.
 *
 * @param state JSON; null where it stays as it is
 * @param alarms in which time each rings, or null for never
 * @param replies to be kept for those who ask again
 * @param settled rows that brought calls, and what becomes of them
 */
record Change(
    long pk,
    long fence,
    @Nullable String state,
    Map<String, @Nullable Duration> alarms,
    Collection<Reply> replies,
    List<Settled> settled) {

  /**
   * What a call with an idempotency key is answered.
   *
   * @param principal whose key it is
   * @param hash of what was asked
   * @param json the answer
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by hand where it is
  record Reply(String principal, String key, byte[] hash, String json) {}

  /**
   * What becomes of a row that brought a call.
   *
   * @param caller who waits for the answer; null for nobody
   * @param told JSON of the answer, or why it failed
   * @param pause until it is tried again, where it is
   */
  record Settled(
      long message,
      @Nullable Long caller,
      @Nullable Long ticket,
      Outcome outcome,
      String told,
      Duration pause) {
    /** The row is removed, but for the last two. */
    enum Outcome {
      SERVED,
      /** Answered with a problem of the method's own. */
      REFUSED,
      FAILED,
      /** Its time was over before it was begun. */
      LATE,
      /** Tried again later. */
      AGAIN,
      /** Given up. */
      DEAD;

      /** The one that a row says; one that this release does not know is a failure. */
      static Outcome of(String word) {
        return Stream.of(values())
            .filter(one -> one.word().equals(word))
            .findFirst()
            .orElse(FAILED);
      }

      /** As it is written in rows. */
      String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  boolean isEmpty() {
    return state == null && alarms.isEmpty() && replies.isEmpty() && settled.isEmpty();
  }
}
