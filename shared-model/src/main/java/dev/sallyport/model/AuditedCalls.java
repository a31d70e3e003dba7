package dev.sallyport.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of the audit trail on its way from a user-worker to the data-workers, as the JSON of one
 * message. Immutable.
 *
 * @param calls that ended one after the other, at most {@value #CALLS_MAX}
 */
public record AuditedCalls(List<Call> calls) {
  /** The queue that it travels in; nobody may send to it over HTTP. */
  public static final String QUEUE = "audit";

  public static final int CALLS_MAX = 500;

  /** What a path has at the most; the rest is cut off. */
  public static final int PATH_CHARS_MAX = 512;

  public static final int METHOD_CHARS_MAX = 32;

  public AuditedCalls {
    calls = List.copyOf(calls);
    if (calls.size() > CALLS_MAX) {
      throw new IllegalArgumentException("at most " + CALLS_MAX + " calls travel together");
    }
  }

  /**
   * One call to a private service.
   *
   * @param id of the request, a UUID; no two calls have the same
   * @param at when it ended, in milliseconds since 1970
   * @param userId null for an anonymous call
   * @param keyId the API key that the caller came with; null where it was none
   * @param path without its query
   * @param outcome how it ended, in lower case
   * @param status what the caller was answered; 0 where it was gone
   * @param tookMicros from its beginning to its end
   */
  public record Call(
      String id,
      long at,
      @Nullable String userId,
      @Nullable String keyId,
      String binding,
      String method,
      String path,
      String outcome,
      int status,
      long tookMicros) {}
}
