package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.user.platform.ProblemException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list by id is asked for. Immutable.
 *
 * @param after the last id of the page before; all zeros before the first
 * @param limit rows in the page, at the most
 */
record PageQuery(UUID after, int limit) {
  private static final int LIMIT_DEFAULT = 50;
  private static final int LIMIT_MAX = 200;
  private static final UUID FIRST = new UUID(0, 0);
  private static final int CURSOR_BYTES = 16;

  /**
   * @throws ProblemException {@code INVALID}
   */
  static PageQuery of(@Nullable String cursor, @Nullable String limit) {
    return new PageQuery(after(cursor), limit(limit));
  }

  private static UUID after(@Nullable String cursor) {
    if (cursor == null) {
      return FIRST;
    }
    try {
      var bytes = Base64.getUrlDecoder().decode(cursor);
      if (bytes.length == CURSOR_BYTES) {
        var id = ByteBuffer.wrap(bytes);
        return new UUID(id.getLong(), id.getLong());
      }
    } catch (IllegalArgumentException e) {
      // Answered below, like one of another length.
    }
    throw invalid("cursor", "must be the next of a page before");
  }

  private static int limit(@Nullable String limit) {
    if (limit == null) {
      return LIMIT_DEFAULT;
    }
    try {
      int rows = Integer.parseInt(limit);
      if (rows >= 1 && rows <= LIMIT_MAX) {
        return rows;
      }
    } catch (NumberFormatException e) {
      // Answered below, like one that is too large.
    }
    throw invalid("limit", "must be 1 to " + LIMIT_MAX);
  }

  private static ProblemException invalid(String field, String message) {
    return new ProblemException(Problem.invalid(List.of(new FieldError(field, message))));
  }

  /** How many rows to ask for: one more than the page has says whether there is a next. */
  int asked() {
    return limit + 1;
  }

  /** What the page has of the rows that came. */
  <T> List<T> page(List<T> rows) {
    return rows.size() > limit ? rows.subList(0, limit) : rows;
  }

  /** What to send for the next page; null where this is the last. */
  <T> @Nullable String next(List<T> rows, Function<T, UUID> id) {
    return rows.size() > limit ? cursor(id.apply(rows.get(limit - 1))) : null;
  }

  private static String cursor(UUID id) {
    var bytes =
        ByteBuffer.allocate(CURSOR_BYTES)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }
}
