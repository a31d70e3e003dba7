package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Settled;
import dev.sallyport.data.actor.Change.Settled.Outcome;
import dev.sallyport.data.actor.LookSql.Message;
import dev.sallyport.data.binding.Refusal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a row that brought a call, once that was served. Pure. */
final class Settling {
  /** So often one that nobody waits for is tried. */
  static final int ATTEMPTS = 10;

  /** Of what went wrong so much is kept. */
  private static final int ERROR_MAX = 1_000;

  private Settling() {}

  static Settled served(Message row, String reply) {
    return settled(row, Outcome.SERVED, reply);
  }

  static Settled late(Message row) {
    return settled(row, Outcome.LATE, "{}");
  }

  /**
   * Of one that failed. Whoever waits is told at once and may ask again; else it is tried again,
   * unless the method says that this is in vain, or it was the last time.
   */
  static Settled failed(Message row, RuntimeException failure, ActorJson json) {
    if (row.caller() != null) {
      return failure instanceof Refusal refusal
          ? settled(row, Outcome.REFUSED, json.json(ProblemNote.of(refusal.problem())))
          : settled(row, Outcome.FAILED, "{}");
    }
    boolean isInVain = failure instanceof Refusal refusal && !refusal.problem().retryable();
    var error = error(failure);
    return isInVain || row.attempt() + 1 >= ATTEMPTS
        ? settled(row, Outcome.DEAD, error)
        : new Settled(row.pk(), null, null, Outcome.AGAIN, error, Server.pause(row.attempt()));
  }

  private static String error(Throwable failure) {
    var cause = failure.getCause() == null ? failure : failure.getCause();
    var error = cause.toString().replace('\0', ' ');
    return error.substring(0, Math.min(error.length(), ERROR_MAX));
  }

  private static Settled settled(Message row, Outcome outcome, String told) {
    return new Settled(row.pk(), row.caller(), row.ticket(), outcome, told, Duration.ZERO);
  }

  /** What makes a second one the same; null where nothing does. */
  static Ask.@Nullable Key key(Message row, String method, byte[] body) {
    var key = row.idempotencyKey();
    return key == null ? null : Ask.Key.of(Ask.Key.SYSTEM, key, method, body);
  }
}
