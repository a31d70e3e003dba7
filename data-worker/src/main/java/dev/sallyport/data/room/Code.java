package dev.sallyport.data.room;

import java.util.Locale;

/** What an {@code error} frame says is the matter. */
enum Code {
  BAD_FRAME,
  UNKNOWN_TYPE,
  TOO_LARGE,
  CONFLICT,
  TOO_MANY,
  /** This member may read and no more. */
  FORBIDDEN,
  /** It was not done, or nobody knows: the same frame under the same id may be sent again. */
  UNAVAILABLE;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** As it stands in the frame. */
  String text() {
    return text;
  }
}
