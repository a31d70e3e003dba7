package dev.sallyport.data.queue;

import org.jspecify.annotations.Nullable;

/** Why an attempt failed, in words short enough to be kept. */
final class Reasons {
  private static final int CHARS_MAX = 500;

  private Reasons() {}

  static String of(Throwable failure) {
    @Nullable String message = failure.getMessage();
    return shortened(failure.getClass().getSimpleName() + (message == null ? "" : ": " + message));
  }

  /** What Postgres can hold, and not more than a person reads. */
  static String shortened(String text) {
    var clean = text.replace('\0', ' ');
    return clean.length() <= CHARS_MAX ? clean : clean.substring(0, CHARS_MAX) + "…";
  }
}
