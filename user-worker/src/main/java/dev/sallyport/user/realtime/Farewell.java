package dev.sallyport.user.realtime;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Why we end a socket, in the words of RFC 6455, 7.4, and of HTTP while it is not one yet. */
enum Farewell {
  SESSION_ENDED(4001, "the session ended"),
  /** This worker stops, or the private side has gone: there is another. */
  COME_BACK(1012, "connect again");

  private static final int LAST_FRAME = 0x80;
  private static final int CLOSE = 0x8;

  private final int code;
  private final String reason;

  Farewell(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  /** One whole close frame, unmasked as a server's are. */
  Buffer closeFrame() {
    var text = reason.getBytes(StandardCharsets.UTF_8);
    return Buffer.buffer(4 + text.length)
        .appendUnsignedByte((short) (LAST_FRAME | CLOSE))
        .appendUnsignedByte((short) (2 + text.length))
        .appendUnsignedShort(code)
        .appendBytes(text);
  }

  /** The answer to an upgrade that is not made. */
  Problem problem() {
    return switch (this) {
      case SESSION_ENDED -> Problem.of(ProblemType.UNAUTHENTICATED, "The session has ended.");
      case COME_BACK ->
          Problem.retryable(
              ProblemType.OVERLOADED, "This worker is about to stop.", Duration.ofSeconds(1));
    };
  }
}
