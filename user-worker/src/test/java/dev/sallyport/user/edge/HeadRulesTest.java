package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.edge.HeadRules.Verdict;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadRulesTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n";

  static Stream<String> clear() {
    return Stream.of(
        GET + "\r\n",
        "\r\n\r\n" + GET + "\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "M-SEARCH /%00?\u00e9 HTTP/1.1\r\nhOST:a\r\n\r\n",
        "GET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t005 \r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING:ChunkeD \r\n\r\n",
        // Values may be empty, and hold tabs and bytes from above ASCII.
        "GET / HTTP/1.1\r\nHost:\r\nX:\r\nY:\t\r\nZ: \u00ff\r\n\r\n",
        // Names that are as long as those with a meaning.
        "GET / HTTP/1.1\r\nHost: a\r\nHOPT: 1\r\nContent-Lengt_: x\r\nTransfer_Encoding: x\r\n\r\n");
  }

  /** Design, "Framing", and what else two servers could read in two ways. */
  static Stream<String> refused() {
    return Stream.of(
        // Differing or repeated lengths.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
        // Lengths that are not one number.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5;\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n",
        // White space before a colon.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n : b\r\n\r\n",
        // NUL and the other control characters, wherever they are.
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\0GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u000bb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u007f\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n",
        // Transfer codings but one "chunked".
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u00a0chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        // A length beside chunked, in either order.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        // Obsolete folding.
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb: c\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
        // Line ends other than CR LF.
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        // Names that are not tokens, and no name at all.
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX(Y): b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: b\r\n\r\n",
        // Hosts but one.
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nHOST: b\r\n\r\n",
        // A draft in which a GET has a body that nothing announces.
        GET + "Sec-WebSocket-Key1: 1\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("clear")
  void aHeadThatMeansOneThingIsClear(String head) {
    assertThat(judge(head)).isEqualTo(new Verdict.Clear(says(head, "chunked")));
  }

  private static boolean says(String head, String word) {
    return head.toLowerCase(Locale.ROOT).contains(word);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aHeadThatTwoServersCouldReadDifferentlyIsRefused(String head) {
    assertThat(judge(head)).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /",
        "GET / ",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET /\tHTTP/1.1",
        "GET /a\t HTTP/1.1",
        "GET / x HTTP/1.1",
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / HTTP/0.9",
        "GET / HTTP/1.1.",
        "GET / HTTP/ 1.1",
        "GET / http/1.1",
        "GET / ICY/1.1",
        "G\u00cbT / HTTP/1.1",
        "GE(T / HTTP/1.1",
        "GET:/ HTTP/1.1",
        "PRI * HTTP/2.0"
      })
  void aRequestLineIsAMethodATargetAndAVersionBetweenSingleSpaces(String line) {
    assertThat(judge(line + "\r\nHost: a\r\n\r\n")).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @MethodSource({"clear", "refused"})
  void aHeadInPiecesIsIncompleteUntilTheVerdictOnTheWhole(String head) {
    var whole = judge(head);
    for (int cut = 0; cut < head.length(); cut++) {
      var part = judge(head.substring(0, cut));
      if (!(part instanceof Verdict.Incomplete)) {
        assertThat(part).as("cut at %d", cut).isEqualTo(whole).isNotInstanceOf(Verdict.Clear.class);
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"clear", "refused"})
  void whatFollowsAHeadDoesNotChangeItsVerdict(String head) {
    assertThat(judge(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"))
        .isEqualTo(judge(head));
  }

  @Test
  void readingMovesNothing() {
    var buffer = Unpooled.copiedBuffer("xx" + GET + "\r\nbody", StandardCharsets.ISO_8859_1);
    buffer.skipBytes(2);
    assertThat(HeadRules.judge(buffer)).isInstanceOf(Verdict.Clear.class);
    assertThat(buffer.readerIndex()).isEqualTo(2);
  }

  @Test
  void noBytesMakeItThrowAndNoneThatAreUnclearPass() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var heads = Stream.concat(clear(), refused()).toList();
    for (int run = 0; run < 50_000; run++) {
      var head = mutated(heads.get(random.nextInt(heads.size())), random);
      Verdict verdict;
      try {
        verdict = judge(head);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", head " + quoted(head), e);
      }
      if (verdict instanceof Verdict.Clear) {
        assertThat(faults(head)).as("seed %d, head %s", seed, quoted(head)).isEmpty();
      }
    }
  }

  private static String mutated(String head, Random random) {
    var bytes = new StringBuilder(head);
    for (int edit = random.nextInt(4); edit >= 0; edit--) {
      int at = random.nextInt(bytes.length());
      switch (random.nextInt(5)) {
        case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
        case 1 -> bytes.insert(at, "\r\n\t :,\0".charAt(random.nextInt(7)));
        case 2 -> bytes.deleteCharAt(at).append('\n');
        case 3 -> bytes.insert(at, bytes.substring(at, Math.min(bytes.length(), at + 30)));
        default -> bytes.insert(at, "\r\nTransfer-Encoding: chunked");
      }
    }
    return bytes.toString();
  }

  /** A second opinion, by a reader that takes a head apart line by line. */
  private static List<String> faults(String bytes) {
    var head = bytes.replaceFirst("^(\r\n)+", "").split("\r\n\r\n", 2)[0];
    var lines = head.split("\r\n", -1);
    var fields = Arrays.stream(lines).skip(1).map(line -> line.toLowerCase(Locale.ROOT)).toList();
    long lengths = fields.stream().filter(line -> line.startsWith("content-length:")).count();
    long codings = fields.stream().filter(line -> line.startsWith("transfer-encoding:")).count();
    return Stream.of(
            head.matches("(?s).*[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f].*") ? "control" : "",
            head.replace("\r\n", "").matches("(?s).*[\r\n].*") ? "line end" : "",
            lines[0].matches("[!-~]+ [!-~\\x80-\\xff]+ HTTP/1\\.[01]") ? "" : "request line",
            fields.stream().allMatch(line -> line.matches("(?s)[^\\s:]+:.*")) ? "" : "field",
            lengths + codings > 1 ? "framing" : "",
            codings == 1 && lines[0].endsWith("1.0") ? "coding in 1.0" : "")
        .filter(fault -> !fault.isEmpty())
        .toList();
  }

  static String quoted(String head) {
    var text = new StringBuilder();
    head.chars().forEach(c -> text.append(c >= ' ' && c < 127 ? (char) c : "\\x" + c));
    return text.toString();
  }

  private static Verdict judge(String head) {
    return HeadRules.judge(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
  }
}
