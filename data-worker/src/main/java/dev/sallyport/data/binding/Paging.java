package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client says of the page that it wants, and what it is told of the next one. Pure. */
public final class Paging {
  static final int LIMIT_USUAL = 50;
  static final int LIMIT_MAX = 100;

  private Paging() {}

  /**
   * How many items.
   *
   * @param text as the client wrote it; null for {@value #LIMIT_USUAL}
   * @throws Refusal 422 for what is no number from 1 to {@value #LIMIT_MAX}
   */
  public static int limit(@Nullable String text) {
    if (text == null) {
      return LIMIT_USUAL;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= LIMIT_MAX) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw badLimit();
    }
    throw badLimit();
  }

  private static Refusal badLimit() {
    return invalid("limit", "is a number from 1 to " + LIMIT_MAX);
  }

  /** What stands for a position, in the alphabet of addresses; means nothing to a client. */
  public static String cursor(byte[] position) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(position);
  }

  /**
   * What {@link #cursor} was made of; whether it is a position is the caller's to see.
   *
   * @throws Refusal 422
   */
  public static byte[] position(String cursor) {
    try {
      return Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      throw badCursor();
    }
  }

  /** 422, for a cursor that no page gave. */
  public static Refusal badCursor() {
    return invalid("cursor", "is what an earlier page gave as next");
  }

  private static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }
}
