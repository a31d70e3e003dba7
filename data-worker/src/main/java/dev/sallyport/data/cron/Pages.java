package dev.sallyport.data.cron;

import dev.sallyport.data.binding.Paging;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads from where a page goes on. */
final class Pages {
  private Pages() {}

  /** After which name the page begins. */
  static String afterName(@Nullable String cursor) {
    if (cursor == null) {
      return "";
    }
    var name = decoded(cursor);
    if (!Schedules.isName(name)) {
      throw Paging.badCursor();
    }
    return name;
  }

  /** Before which number the page begins. */
  static long beforeNumber(@Nullable String cursor) {
    if (cursor == null) {
      return Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(decoded(cursor));
    } catch (NumberFormatException e) {
      throw Paging.badCursor();
    }
  }

  private static String decoded(String cursor) {
    return new String(Paging.position(cursor), StandardCharsets.UTF_8);
  }
}
