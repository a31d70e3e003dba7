package dev.sallyport.data.rpc;

import org.jspecify.annotations.Nullable;

/** One entry of a request, as it was sent. Immutable. */
sealed interface Entry {
  /** What an answer's id is where none could be read. */
  String NO_ID = "null";

  /**
   * No request.
   *
   * @param id JSON, as it was sent
   */
  record Invalid(String id) implements Entry {}

  /**
   * A call.
   *
   * @param id JSON, as it was sent: a number keeps its digits; null for a notification
   * @param params JSON, an object or an array; null where there are none
   */
  record Call(@Nullable String id, String method, @Nullable String params) implements Entry {}
}
