package dev.sallyport.data.room;

import org.jspecify.annotations.Nullable;

/** What a client says, see docs/rooms.md. Immutable; {@code data} and {@code value} are JSON. */
sealed interface ClientFrame {
  /** To be appended, numbered, and delivered to all. */
  record Publish(String id, String data) implements ClientFrame {}

  /** To be passed on to those who are there. */
  record Signal(@Nullable String id, String data) implements ClientFrame {}

  /**
   * To be kept for all.
   *
   * @param ifVersion only if it has this version now; 0 for none yet; null for whichever
   */
  record Put(@Nullable String id, String key, String value, @Nullable Long ifVersion)
      implements ClientFrame {}

  /** None of these. */
  record Bad(@Nullable String id, Code code, String detail) implements ClientFrame {}

  /** What the client calls it; null for nothing. */
  @Nullable String id();
}
