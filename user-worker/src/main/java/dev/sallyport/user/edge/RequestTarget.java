package dev.sallyport.user.edge;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request target that means one thing to every server: an absolute path of unreserved and
 * percent-encoded characters without dot segments, empty segments, parameters or encoded slashes,
 * and a query that is passed on as it came. Immutable.
 *
 * @param path as sent; begins with a slash
 * @param query as sent, without the question mark; null where there is none
 */
record RequestTarget(String path, @Nullable String query) {
  private static final String PRIVATE = "/api/internal";

  /** Reads a target, or nothing where two servers might disagree about it. */
  static Optional<RequestTarget> parse(String target) {
    int mark = target.indexOf('?');
    var path = mark < 0 ? target : target.substring(0, mark);
    var query = mark < 0 ? null : target.substring(mark + 1);
    return isPlain(path) && (query == null || isQuery(query))
        ? Optional.of(new RequestTarget(path, query))
        : Optional.empty();
  }

  /** Whether this is for the private side. */
  boolean isPrivate() {
    return path.startsWith(PRIVATE)
        && (path.length() == PRIVATE.length() || path.charAt(PRIVATE.length()) == '/');
  }

  /** Path and query as they go out again. */
  String text() {
    return query == null ? path : path + "?" + query;
  }

  private static boolean isPlain(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      return false;
    }
    int segment = 1;
    for (int i = 1; i <= path.length(); i++) {
      if (i == path.length() || path.charAt(i) == '/') {
        if (!isSegment(path, segment, i)) {
          return false;
        }
        segment = i + 1;
      }
    }
    return true;
  }

  /** RFC 3986, 3.3: a segment, less what changes its meaning from server to server. */
  private static boolean isSegment(String path, int from, int to) {
    int length = to - from;
    if (length == 0) {
      return to == path.length();
    }
    int dots = 0;
    int i = from;
    while (i < to) {
      int c = path.charAt(i);
      i++;
      if (c == '%') {
        c = i + 2 <= to ? hex(path.charAt(i), path.charAt(i + 1)) : -1;
        i += 2;
        if (c < ' ' || c == 0x7f || c == '/' || c == '\\' || c == ';' || c == '%') {
          return false;
        }
      } else if (!isPathCharacter(c)) {
        return false;
      }
      dots += c == '.' ? 1 : 3;
    }
    return dots > 2;
  }

  private static boolean isPathCharacter(int c) {
    return c < 128 && (Character.isLetterOrDigit(c) || "-._~!$&'()*+,=:@".indexOf(c) >= 0);
  }

  private static boolean isQuery(String query) {
    return query.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#' && c != '\\');
  }

  private static int hex(char high, char low) {
    int value = (Character.digit(high, 16) << 4) | Character.digit(low, 16);
    return high < 128 && low < 128 ? value : -1;
  }
}
