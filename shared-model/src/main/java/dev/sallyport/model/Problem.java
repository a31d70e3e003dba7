package dev.sallyport.model;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One failure as a client sees it: RFC 9457 {@code application/problem+json}. Immutable.
 *
 * @param type what kind of failure
 * @param detail what happened this time and what to do about it; no stack trace, SQL, host or token
 * @param retryable whether the same call again may succeed and certainly does no harm
 * @param retryAfter how long to wait before trying again, where that is known; rounded up to whole
 *     seconds on the wire
 * @param errors the fields that are wrong, for {@link ProblemType#INVALID}
 * @param sendAgain under which ids to send again; null where that is no question
 */
public record Problem(
    ProblemType type,
    String detail,
    boolean retryable,
    @Nullable Duration retryAfter,
    List<FieldError> errors,
    @Nullable SendAgain sendAgain) {
  public static final String MEDIA_TYPE = "application/problem+json";

  /** One wrong field: its name as sent, and a sentence about it. */
  public record FieldError(String field, String message) {}

  /** The ids of what may or may not have been sent: with them sending again cannot double it. */
  public sealed interface SendAgain {
    /** One message; on the wire {@code id}. */
    record One(String id) implements SendAgain {}

    /** A batch; on the wire {@code ids}, in its order. */
    record All(List<String> ids) implements SendAgain {
      public All {
        ids = List.copyOf(ids);
      }
    }
  }

  public Problem {
    errors = List.copyOf(errors);
  }

  /** A problem that is not about a message. */
  public Problem(
      ProblemType type,
      String detail,
      boolean retryable,
      @Nullable Duration retryAfter,
      List<FieldError> errors) {
    this(type, detail, retryable, retryAfter, errors, null);
  }

  /** The same, saying under which ids to send again. */
  public Problem with(SendAgain ids) {
    return new Problem(type, detail, retryable, retryAfter, errors, ids);
  }

  /** A problem that the same call would meet again. */
  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, false, null, List.of());
  }

  /** A problem that may be gone if the same call is made again after {@code after}. */
  public static Problem retryable(ProblemType type, String detail, Duration after) {
    return new Problem(type, detail, true, after, List.of());
  }

  /** A well-formed request with fields that are not valid. */
  public static Problem invalid(List<FieldError> errors) {
    return new Problem(
        ProblemType.INVALID, "See errors for each field.", false, null, List.copyOf(errors));
  }

  /** The value of the {@code Retry-After} header, or null where none is sent. */
  public @Nullable String retryAfterSeconds() {
    return retryAfter == null ? null : Long.toString(ceilSeconds(retryAfter));
  }

  /**
   * The body. Written by hand because both workers answer problems from places where no JSON mapper
   * is at hand, and must do it alike.
   */
  public String toJson(String requestId) {
    var json = new StringBuilder(256);
    json.append("{\"type\":\"").append(type.urn()).append('"');
    member(json, "title", type.title());
    json.append(",\"status\":").append(type.status());
    member(json, "detail", detail);
    member(json, "requestId", requestId);
    json.append(",\"retryable\":").append(retryable);
    if (retryAfter != null) {
      json.append(",\"retryAfter\":").append(ceilSeconds(retryAfter));
    }
    if (!errors.isEmpty()) {
      json.append(",\"errors\":[");
      for (int i = 0; i < errors.size(); i++) {
        json.append(i == 0 ? "{\"field\":" : ",{\"field\":");
        string(json, errors.get(i).field());
        member(json, "message", errors.get(i).message());
        json.append('}');
      }
      json.append(']');
    }
    switch (sendAgain) {
      case null -> {}
      case SendAgain.One one -> member(json, "id", one.id());
      case SendAgain.All all -> {
        json.append(",\"ids\":[");
        for (int i = 0; i < all.ids().size(); i++) {
          json.append(i == 0 ? "" : ",");
          string(json, all.ids().get(i));
        }
        json.append(']');
      }
    }
    return json.append('}').toString();
  }

  private static long ceilSeconds(Duration duration) {
    return duration.plusSeconds(1).minusNanos(1).toSeconds();
  }

  private static void member(StringBuilder json, String name, String value) {
    json.append(",\"").append(name).append("\":");
    string(json, value);
  }

  /** RFC 8259 section 7: quotes, backslashes and control characters are escaped. */
  private static void string(StringBuilder json, String value) {
    json.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        default -> {
          if (c < 0x20 || (Character.isSurrogate(c) && !paired(value, i))) {
            json.append("\\u").append(HEX.toHexDigits(c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  private static boolean paired(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }

  private static final HexFormat HEX = HexFormat.of();
}
