package dev.sallyport.system;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One answer as it came over the wire. Immutable.
 *
 * @param whole whether the body ended as its framing said; false for a body that was cut
 */
record RawAnswer(int status, Headers headers, Bytes body, boolean whole) {

  /**
   * The next final answer (after any 100 Continue), or empty where the connection ends first.
   *
   * @param head whether the request was HEAD, which has an answer without a body
   */
  static Optional<RawAnswer> read(HttpReader in, boolean head) throws IOException {
    while (true) {
      var lines = in.head();
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      var answer = afterHead(in, lines.get(), head);
      if (answer.status() >= 200 || answer.status() == 101) {
        return Optional.of(answer);
      }
    }
  }

  private static RawAnswer afterHead(HttpReader in, List<String> lines, boolean head)
      throws IOException {
    var statusLine = lines.getFirst().split(" ", 3);
    if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/1.")) {
      throw new IOException("not a status line: " + lines.getFirst());
    }
    int status = Integer.parseInt(statusLine[1]);
    var headers = Headers.parse(lines.subList(1, lines.size()));
    if (head || status < 200 || status == 204 || status == 304) {
      return new RawAnswer(status, headers, Bytes.NONE, true);
    }
    var length = headers.first("Content-Length");
    var body =
        headers.first("Transfer-Encoding").isPresent()
            ? in.chunked()
            : length.isPresent() ? in.sized(Long.parseLong(length.get())) : in.untilClosed();
    return new RawAnswer(status, headers, body.bytes(), body.whole());
  }

  /** The body as text. */
  String text() {
    return body.text();
  }

  /** This answer as the other client gives it, for what is asserted of both. */
  Answer plain() {
    return new Answer(status, headers, text());
  }
}
