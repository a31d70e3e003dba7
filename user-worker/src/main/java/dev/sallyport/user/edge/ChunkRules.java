package dev.sallyport.user.edge;

import io.netty.buffer.ByteBuf;
import java.util.Locale;
import java.util.Set;

/**
 * Judges the bytes of one chunked body: RFC 9112, section 7.1, without the leniencies of the
 * decoder behind, which reads a size up to whatever is no digit, takes a bare LF for a line end and
 * skips what stands between a chunk and the next line. Reads each byte of the framing once, and of
 * the content none. Confined to one event loop; {@link #begin} makes it new.
 */
final class ChunkRules {
  /** The decoder behind counts in an int; 16 digits leave room for leading zeros. */
  private static final int DIGITS_MAX = 16;

  /** Of a whole body: nobody uses extensions, and each byte of them costs us two looks. */
  static final int EXTENSION_BYTES_MAX = 16 * 1024;

  /** Of one line: the decoder behind holds a line back until it is whole. */
  static final int EXTENSION_LINE_BYTES_MAX = 1024;

  /** Of all trailer lines with their ends; what they say is thrown away. */
  static final int TRAILER_BYTES_MAX = 8 * 1024;

  /** RFC 9110, 6.5.1: what frames or routes a message cannot come after it. */
  private static final Set<String> NEVER_TRAILERS =
      Set.of("content-length", "transfer-encoding", "host", "trailer", "connection", "upgrade");

  private static final int NAME_BYTES_MAX = 256;

  /** What the next byte may be. */
  private enum Next {
    FIRST_DIGIT,
    DIGIT,
    EXTENSION_NAME,
    IN_EXTENSION_NAME,
    EXTENSION_VALUE,
    IN_EXTENSION_VALUE,
    SIZE_LF,
    CONTENT,
    CONTENT_CR,
    CONTENT_LF,
    TRAILER,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    NOTHING
  }

  /** What the bytes so far are. */
  sealed interface Verdict {
    /** Clear, and the body goes on. */
    record More() implements Verdict {}

    /** Clear, and the body ends before the byte at {@code index}. */
    record Ended(int index) implements Verdict {}

    /** To be refused, and why. */
    record Refused(String why) implements Verdict {}
  }

  static final Verdict MORE = new Verdict.More();

  private final StringBuilder name = new StringBuilder();
  private Next next = Next.FIRST_DIGIT;
  private long left;
  private int digits;
  private int lineBytes;
  private int extensionBytes;
  private int trailerBytes;

  /** A new body begins. */
  void begin() {
    next = Next.FIRST_DIGIT;
    left = 0;
    digits = 0;
    lineBytes = 0;
    extensionBytes = 0;
    trailerBytes = 0;
  }

  /** Whether the body has ended. */
  boolean hasEnded() {
    return next == Next.NOTHING;
  }

  /**
   * Reads on with the bytes between two indexes of {@code buffer}, moving nothing. Extensions that
   * are clear become blanks, which the decoder behind skips: it has a reading of them of its own.
   */
  Verdict judge(ByteBuf buffer, int from, int to) {
    int at = from;
    while (at < to) {
      if (next == Next.CONTENT) {
        long skipped = Math.min(left, to - at);
        left -= skipped;
        at += (int) skipped;
        if (left == 0) {
          next = Next.CONTENT_CR;
        }
        continue;
      }
      byte b = buffer.getByte(at);
      boolean extension = inExtension(b);
      var why = refused(b);
      if (!why.isEmpty()) {
        return new Verdict.Refused(why);
      }
      if (extension) {
        buffer.setByte(at, ' ');
      }
      at++;
      if (next == Next.NOTHING) {
        return new Verdict.Ended(at);
      }
    }
    return MORE;
  }

  private boolean inExtension(byte b) {
    return switch (next) {
      case DIGIT -> b == ';';
      case EXTENSION_NAME, IN_EXTENSION_NAME, EXTENSION_VALUE, IN_EXTENSION_VALUE -> b != '\r';
      default -> false;
    };
  }

  /** Takes one byte of the framing; gives why it is refused, or an empty text. */
  private String refused(byte b) {
    return switch (next) {
      case FIRST_DIGIT, DIGIT -> size(b);
      case EXTENSION_NAME, IN_EXTENSION_NAME, EXTENSION_VALUE, IN_EXTENSION_VALUE -> extension(b);
      case SIZE_LF -> lineFeed(b, left == 0 ? Next.TRAILER : Next.CONTENT);
      case CONTENT_CR ->
          move(b == '\r', Next.CONTENT_LF, "A chunk is longer than its size, or has no CR LF.");
      case CONTENT_LF -> contentEnd(b);
      case TRAILER, TRAILER_NAME, TRAILER_VALUE -> trailer(b);
      case TRAILER_LF -> trailerEnd(b);
      case LAST_LF -> lineFeed(b, Next.NOTHING);
      case CONTENT, NOTHING -> throw new IllegalStateException("no byte of the framing");
    };
  }

  private String move(boolean right, Next then, String why) {
    if (right) {
      next = then;
    }
    return right ? "" : why;
  }

  private String lineFeed(byte b, Next then) {
    return move(b == '\n', then, "A line of a chunked body does not end in CR LF.");
  }

  private String contentEnd(byte b) {
    digits = 0;
    lineBytes = 0;
    return lineFeed(b, Next.FIRST_DIGIT);
  }

  private String trailerEnd(byte b) {
    trailerBytes++;
    return lineFeed(b, Next.TRAILER);
  }

  private String size(byte b) {
    int digit = b < 0 ? -1 : Character.digit(b, 16);
    if (digit >= 0) {
      left = left * 16 + digit;
      next = Next.DIGIT;
      return ++digits <= DIGITS_MAX && left <= Integer.MAX_VALUE ? "" : "A chunk is too large.";
    }
    return next == Next.FIRST_DIGIT
        ? "A chunk's size does not begin with a hexadecimal digit."
        : afterElement(b);
  }

  /** What may follow a size, or an extension that is whole. */
  private String afterElement(byte b) {
    return switch (b) {
      case '\r' -> move(true, Next.SIZE_LF, "");
      case ';' -> move(true, Next.EXTENSION_NAME, "");
      default -> "What follows a chunk's size is no extension.";
    };
  }

  /**
   * Names, and values that are tokens. Quoted values and blanks around the signs, which RFC 9112,
   * 7.1.1, knows too, are where readers differ.
   */
  private String extension(byte b) {
    extensionBytes++;
    lineBytes++;
    if (extensionBytes > EXTENSION_BYTES_MAX || lineBytes > EXTENSION_LINE_BYTES_MAX) {
      return "The chunk extensions are too long.";
    }
    boolean token = HeadRules.isTokenByte(b);
    return switch (next) {
      case EXTENSION_NAME -> move(token, Next.IN_EXTENSION_NAME, BAD_EXTENSION);
      case EXTENSION_VALUE -> move(token, Next.IN_EXTENSION_VALUE, BAD_EXTENSION);
      case IN_EXTENSION_NAME ->
          token ? "" : b == '=' ? move(true, Next.EXTENSION_VALUE, "") : afterElement(b);
      default -> token ? "" : afterElement(b);
    };
  }

  private static final String BAD_EXTENSION = "A chunk extension is not a name, or name and value.";

  private String trailer(byte b) {
    if (++trailerBytes > TRAILER_BYTES_MAX) {
      return "The trailers are too large.";
    }
    return switch (next) {
      case TRAILER -> {
        name.setLength(0);
        yield b == '\r' ? move(true, Next.LAST_LF, "") : trailerName(b);
      }
      case TRAILER_NAME -> trailerName(b);
      default ->
          b == '\r'
              ? move(true, Next.TRAILER_LF, "")
              : move(
                  HeadRules.isTextByte(b),
                  Next.TRAILER_VALUE,
                  "A trailer holds a control character.");
    };
  }

  private String trailerName(byte b) {
    if (HeadRules.isTokenByte(b) && name.length() < NAME_BYTES_MAX) {
      name.append((char) b);
      return move(true, Next.TRAILER_NAME, "");
    }
    if (b != ':' || name.isEmpty()) {
      return "A trailer's name is not a token directly before a colon.";
    }
    boolean harmless = !NEVER_TRAILERS.contains(name.toString().toLowerCase(Locale.ROOT));
    return move(harmless, Next.TRAILER_VALUE, "This header cannot come as a trailer.");
  }
}
