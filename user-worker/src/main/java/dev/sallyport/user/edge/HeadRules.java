package dev.sallyport.user.edge;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Judges the bytes of one request head: RFC 9112, without its leniencies. What another server on
 * the way might read differently is refused, so that one request in can never be two requests out.
 * Pure.
 */
final class HeadRules {
  private HeadRules() {}

  /** What the bytes so far are. */
  sealed interface Verdict {
    /** The head does not end in them yet. */
    record Incomplete() implements Verdict {}

    /** A whole head, and clear in what it says. */
    record Clear(boolean chunked) implements Verdict {}

    /** To be refused, and why. */
    record Refused(String why) implements Verdict {}
  }

  static final Verdict INCOMPLETE = new Verdict.Incomplete();
  private static final Verdict CLEAR = new Verdict.Clear(false);
  private static final Verdict CLEAR_CHUNKED = new Verdict.Clear(true);

  /** Reads a head from {@code buffer}'s reader index on, moving nothing. */
  static Verdict judge(ByteBuf buffer) {
    int at = buffer.readerIndex();
    int end = buffer.writerIndex();
    // RFC 9112, 2.2: an empty line before the request line is ignored.
    while (end - at >= 2 && buffer.getByte(at) == '\r' && buffer.getByte(at + 1) == '\n') {
      at += 2;
    }
    var head = new Head();
    boolean requestLine = true;
    while (true) {
      int feed = buffer.indexOf(at, end, (byte) '\n');
      if (feed < 0) {
        return INCOMPLETE;
      }
      if (feed == at || buffer.getByte(feed - 1) != '\r') {
        return new Verdict.Refused("A line does not end in CR LF.");
      }
      int length = feed - 1 - at;
      if (length == 0) {
        return requestLine ? new Verdict.Refused("There is no request line.") : head.verdict();
      }
      var refused =
          requestLine ? head.requestLine(buffer, at, length) : head.field(buffer, at, length);
      if (refused != null) {
        return refused;
      }
      requestLine = false;
      at = feed + 1;
    }
  }

  /** What of a head bears on its framing. */
  private static final class Head {
    private boolean http10;
    private int hosts;
    private int lengths;
    private int codings;

    Verdict.@Nullable Refused requestLine(ByteBuf buffer, int at, int length) {
      if (hasControls(buffer, at, length) || buffer.indexOf(at, at + length, (byte) '\t') >= 0) {
        return new Verdict.Refused("The request line holds a control character.");
      }
      int target = buffer.indexOf(at, at + length, (byte) ' ') + 1;
      int version = target == 0 ? 0 : buffer.indexOf(target, at + length, (byte) ' ') + 1;
      if (version == 0 || target - at < 2 || version - target < 2) {
        return new Verdict.Refused("The request line is not method, target and version.");
      }
      // Case matters here (RFC 9112, 2.3).
      var name = buffer.toString(version, at + length - version, StandardCharsets.ISO_8859_1);
      http10 = name.equals("HTTP/1.0");
      if (!http10 && !name.equals("HTTP/1.1")) {
        return new Verdict.Refused("The version is neither HTTP/1.1 nor HTTP/1.0.");
      }
      return isToken(buffer, at, target - 1 - at)
          ? null
          : new Verdict.Refused("The method is not a token.");
    }

    Verdict.@Nullable Refused field(ByteBuf buffer, int at, int length) {
      byte first = buffer.getByte(at);
      if (first == ' ' || first == '\t') {
        return new Verdict.Refused("A header is folded over two lines.");
      }
      int colon = buffer.indexOf(at, at + length, (byte) ':');
      if (colon < 0 || !isToken(buffer, at, colon - at)) {
        return new Verdict.Refused("A header's name is not a token directly before a colon.");
      }
      if (hasControls(buffer, colon, at + length - colon)) {
        return new Verdict.Refused("A header holds a control character.");
      }
      return switch (colon - at) {
        case 4 -> host(text(buffer, at, 4));
        case 14 -> length(text(buffer, at, 14), buffer, colon + 1, at + length);
        case 17 -> coding(text(buffer, at, 17), buffer, colon + 1, at + length);
        case 18 -> draftWebSocket(text(buffer, at, 18));
        default -> null;
      };
    }

    private Verdict.@Nullable Refused host(String name) {
      hosts += name.equals("host") ? 1 : 0;
      return hosts > 1 ? new Verdict.Refused("There are two Host headers.") : null;
    }

    private Verdict.@Nullable Refused length(String name, ByteBuf buffer, int from, int to) {
      if (!name.equals("content-length")) {
        return null;
      }
      if (++lengths > 1) {
        return new Verdict.Refused("There are two Content-Length headers.");
      }
      var value = text(buffer, from, to - from).strip();
      boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
      return digits && value.length() <= LENGTH_DIGITS_MAX
          ? null
          : new Verdict.Refused("Content-Length is not one number.");
    }

    private Verdict.@Nullable Refused coding(String name, ByteBuf buffer, int from, int to) {
      if (!name.equals("transfer-encoding")) {
        return null;
      }
      boolean chunked = text(buffer, from, to - from).strip().equals("chunked");
      return ++codings == 1 && chunked
          ? null
          : new Verdict.Refused("The one transfer coding taken here is chunked, once.");
    }

    /**
     * The decoder behind us believes that a request with this header of a draft from before RFC
     * 6455 has a body of 8 bytes that nothing announces.
     */
    private Verdict.@Nullable Refused draftWebSocket(String name) {
      return name.equals("sec-websocket-key1")
          ? new Verdict.Refused("This WebSocket draft is not spoken here.")
          : null;
    }

    Verdict verdict() {
      if (codings > 0 && lengths > 0) {
        return new Verdict.Refused("Content-Length beside Transfer-Encoding.");
      }
      if (codings > 0 && http10) {
        return new Verdict.Refused("HTTP/1.0 has no transfer codings.");
      }
      if (hosts == 0 && !http10) {
        return new Verdict.Refused("There is no Host header.");
      }
      return codings > 0 ? CLEAR_CHUNKED : CLEAR;
    }
  }

  /** More digits than 2^63 has. */
  private static final int LENGTH_DIGITS_MAX = 18;

  private static String text(ByteBuf buffer, int at, int length) {
    return buffer.toString(at, length, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }

  /** RFC 9110, 5.5: CR, LF and NUL must go; we let no control character but the tab through. */
  private static boolean hasControls(ByteBuf buffer, int at, int length) {
    return buffer.forEachByte(at, length, HeadRules::isTextByte) >= 0;
  }

  private static boolean isToken(ByteBuf buffer, int at, int length) {
    return length > 0 && buffer.forEachByte(at, length, HeadRules::isTokenByte) < 0;
  }

  /** What a field value is made of, the tab included. */
  static boolean isTextByte(byte b) {
    return (b >= ' ' && b != 0x7f) || b == '\t' || b < 0;
  }

  static boolean isTokenByte(byte b) {
    return b >= 0 && TOKEN[b];
  }

  /** RFC 9110, 5.6.2. */
  private static final boolean[] TOKEN = new boolean[128];

  static {
    for (char c = '!'; c <= '~'; c++) {
      TOKEN[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }
}
