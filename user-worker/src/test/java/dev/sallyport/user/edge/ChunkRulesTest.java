package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.edge.ChunkRules.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The framing of chunked bodies, by itself and before the decoder that reads what passes. */
class ChunkRulesTest {
  private static final int RUNS = 20_000;
  private static final String HEAD =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

  static Stream<String> clear() {
    return Stream.of(
        "0\r\n\r\n",
        "2\r\n{}\r\n0\r\n\r\n",
        "000000000000002\r\n{}\r\n00\r\n\r\n",
        "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "6\r\na\r\n\0\nb\r\n0\r\n\r\n",
        // Extensions: without and with a value, several.
        "2;x\r\n{}\r\n0;y\r\n\r\n",
        "2;x=1;y;z=!\r\n{}\r\n0\r\n\r\n",
        // Trailers.
        "0\r\nX-Sum: 1\r\nY:\r\n\r\n",
        "2\r\n{}\r\n0\r\nX-User-Id: eve\r\n\r\n");
  }

  static Stream<String> refused() {
    return Stream.of(
        // Sizes that are no hexadecimal number, directly before the end of their line.
        "\r\n{}\r\n0\r\n\r\n",
        " 2\r\n{}\r\n0\r\n\r\n",
        "\t2\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "2x\r\n{}\r\n0\r\n\r\n",
        "2 \r\n{}\r\n0\r\n\r\n",
        "2\t\r\n{}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "2\0\r\n{}\r\n0\r\n\r\n",
        "2,2\r\n{}\r\n0\r\n\r\n",
        "g\r\n{}\r\n0\r\n\r\n",
        "\uff12\r\n{}\r\n0\r\n\r\n".replace('\uff12', '\u00b2'),
        ";x\r\n{}\r\n0\r\n\r\n",
        "80000000\r\n{}",
        "fffffffffffffffff\r\n{}",
        "00000000000000002\r\n{}\r\n0\r\n\r\n",
        // Line ends other than CR LF.
        "2\n{}\r\n0\r\n\r\n",
        "2\r{}\r\n0\r\n\r\n",
        "2\r\r\n{}\r\n0\r\n\r\n",
        "2;x\n{}\r\n0\r\n\r\n",
        "2;x\n3\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r\n0\n\r\n",
        "2\r\n{}\r\n0\r\n\n",
        "0\r\nX: 1\n\r\n",
        // Chunks that are longer or shorter than they say.
        "2\r\n{}0\r\n\r\n",
        "2\r\n{}xx0\r\n\r\n",
        "1\r\n{}\r\n0\r\n\r\n",
        "3\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}\r\n\r\n0\r\n\r\n",
        // Extensions that are none.
        "2;\r\n{}\r\n0\r\n\r\n",
        "2;=1\r\n{}\r\n0\r\n\r\n",
        "2;x=\r\n{}\r\n0\r\n\r\n",
        "2;x \r\n{}\r\n0\r\n\r\n",
        "2;x=1 \r\n{}\r\n0\r\n\r\n",
        "2;x y\r\n{}\r\n0\r\n\r\n",
        "2;x=1 y\r\n{}\r\n0\r\n\r\n",
        "2;;x\r\n{}\r\n0\r\n\r\n",
        "2;x=\"\"\r\n{}\r\n0\r\n\r\n",
        "2;x=\"a\"\r\n{}\r\n0\r\n\r\n",
        "2 ;x\r\n{}\r\n0\r\n\r\n",
        "2; x\r\n{}\r\n0\r\n\r\n",
        "2;x =1\r\n{}\r\n0\r\n\r\n",
        "2;x= 1\r\n{}\r\n0\r\n\r\n",
        "2;x=\"a\r\nb\"\r\n{}\r\n0\r\n\r\n",
        "2;x=\"a\nb\"\r\n{}\r\n0\r\n\r\n",
        "2;x=\"a\\\nb\"\r\n{}\r\n0\r\n\r\n",
        "2;x=\"a\"b\r\n{}\r\n0\r\n\r\n",
        "2;x=a\"b\"\r\n{}\r\n0\r\n\r\n",
        "2;x=\u00e9\r\n{}\r\n0\r\n\r\n",
        "2;x=\0\r\n{}\r\n0\r\n\r\n",
        "2;" + "x".repeat(ChunkRules.EXTENSION_LINE_BYTES_MAX + 1) + "\r\n{}\r\n0\r\n\r\n",
        ("1;" + "x".repeat(999) + "\r\na\r\n").repeat(17) + "0\r\n\r\n",
        // Trailers that are no header lines, or would change what has been read.
        "0\r\n : 1\r\n\r\n",
        "0\r\nX : 1\r\n\r\n",
        "0\r\nX\r\n\r\n",
        "0\r\n: 1\r\n\r\n",
        "0\r\nX: 1\r\n folded\r\n\r\n",
        "0\r\nX: a\0b\r\n\r\n",
        "0\r\nX: a\rb\r\n\r\n",
        "0\r\nContent-Length: 5\r\n\r\n",
        "0\r\nTRANSFER-Encoding: chunked\r\n\r\n",
        "0\r\nhost: b\r\n\r\n",
        "0\r\nX: " + "x".repeat(ChunkRules.TRAILER_BYTES_MAX) + "\r\n\r\n",
        "0\r\n" + "a:\r\n".repeat(ChunkRules.TRAILER_BYTES_MAX / 3) + "\r\n",
        // The next request where a body should end.
        "2\r\n{}\r\n0\r\n" + NEXT);
  }

  @ParameterizedTest
  @MethodSource("clear")
  void aBodyByTheGrammarIsClearToItsLastByte(String body) {
    assertThat(judge(body)).isEqualTo(new Verdict.Ended(body.length()));
    assertThat(judge(body + NEXT)).isEqualTo(new Verdict.Ended(body.length()));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aBodyThatTwoServersCouldReadDifferentlyIsRefused(String body) {
    assertThat(judge(body)).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @MethodSource({"clear", "refused"})
  void thePlaceOfACutChangesNothing(String body) {
    var whole = judge(body);
    for (int cut = 0; cut <= Math.min(body.length(), 200); cut++) {
      var bytes = Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1);
      var rules = new ChunkRules();
      var verdict = rules.judge(bytes, 0, cut);
      if (verdict instanceof Verdict.More) {
        verdict = rules.judge(bytes, cut, bytes.writerIndex());
      }
      assertThat(verdict).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  @Test
  void oneJudgeServesBodyAfterBody() {
    var rules = new ChunkRules();
    for (int i = 0; i < 100; i++) {
      rules.begin();
      var body = "2;" + "x".repeat(1_000) + "\r\n{}\r\n0\r\nX: 1\r\n\r\n";
      assertThat(
              rules.judge(Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII), 0, body.length()))
          .isEqualTo(new Verdict.Ended(body.length()));
      assertThat(rules.hasEnded()).isTrue();
    }
  }

  private static Verdict judge(String body) {
    var bytes = Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1);
    return new ChunkRules().judge(bytes, 0, bytes.writerIndex());
  }

  /** What one reading of a body gives. */
  private enum End {
    WHOLE,
    REFUSED,
    UNFINISHED
  }

  /**
   * @param content what was in its chunks as far as it was read whole; empty unless it is whole
   */
  private record Reading(End end, String content, String rest) {}

  /**
   * Valid and broken bodies, cut anywhere: the decoder reads what a second reader reads, or less.
   */
  @Test
  void theDecoderBehindReadsWhatPassesAlikeAndNothingElse() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      var body = body(random);
      if (random.nextBoolean()) {
        body = mutated(body, random);
      }
      var bytes = body + NEXT;
      var expected = read(bytes);
      var described =
          String.format(Locale.ROOT, "seed %d, run %d: %s", seed, run, HeadRulesTest.quoted(bytes));
      var channel = channel();
      channel.writeInbound(bytes(HEAD));
      for (int at = 0; at < bytes.length(); ) {
        int to = Math.min(bytes.length(), at + 1 + random.nextInt(1 + random.nextInt(40)));
        channel.writeInbound(bytes(bytes.substring(at, to)));
        at = to;
      }
      var decoder = channel.pipeline().get(StrictRequestDecoder.class);
      var actual = drained(channel);
      assertThat(actual.whole()).as(described).isEqualTo(expected.end() == End.WHOLE);
      var refusal = decoder.refusal();
      long refused = refusal == null ? 0 : refusal.request();
      switch (expected.end()) {
        case WHOLE -> {
          assertThat(actual.content()).as(described).isEqualTo(expected.content());
          if (expected.rest().replaceFirst("^(\r\n)+", "").equals(NEXT)) {
            assertThat(actual.after()).as(described).containsExactly("/next");
          }
          assertThat(refused == 0 || refused == 2).as(described).isTrue();
        }
        case REFUSED -> {
          assertThat(refused).as(described).isEqualTo(1);
          assertThat(actual.after()).as(described).isEmpty();
        }
        case UNFINISHED -> {
          assertThat(refused).as(described).isZero();
          assertThat(actual.after()).as(described).isEmpty();
        }
      }
      channel.finishAndReleaseAll();
    }
  }

  private static EmbeddedChannel channel() {
    var channel = new EmbeddedChannel();
    var options = new HttpServerOptions().setMaxInitialLineLength(8192).setMaxHeaderSize(16384);
    channel
        .pipeline()
        .addLast(new StrictRequestDecoder(options, channel.pipeline(), HeadDeadline.WITHIN));
    return channel;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  /**
   * What the decoder handed on.
   *
   * @param whole whether the first request ended
   * @param after the targets of the requests behind it that could be read
   */
  private record Drained(boolean whole, String content, List<String> after) {}

  private static Drained drained(EmbeddedChannel channel) {
    var content = new StringBuilder();
    boolean whole = false;
    var after = new ArrayList<String>();
    for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
      if (part instanceof HttpRequest request) {
        if (whole && request.decoderResult().isSuccess()) {
          after.add(request.uri());
        }
      } else if (part instanceof HttpContent piece) {
        if (!whole) {
          content.append(piece.content().toString(StandardCharsets.ISO_8859_1));
          whole = part instanceof LastHttpContent;
        }
        piece.release();
      }
    }
    return new Drained(whole, content.toString(), after);
  }

  private static String body(Random random) {
    var body = new StringBuilder();
    for (int chunk = random.nextInt(4); chunk > 0; chunk--) {
      var content = "\r\n0;{x".repeat(8).substring(0, 1 + random.nextInt(40));
      body.append("0".repeat(random.nextInt(3)));
      body.append(Integer.toHexString(content.length()));
      body.append(extensions(random)).append("\r\n").append(content).append("\r\n");
    }
    body.append("0".repeat(1 + random.nextInt(2))).append(extensions(random)).append("\r\n");
    for (int trailer = random.nextInt(3); trailer > 0; trailer--) {
      body.append("X-T").append(trailer).append(": ").append(random.nextInt(9)).append("\r\n");
    }
    return body.append("\r\n").toString();
  }

  private static String extensions(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> ";a";
      case 1 -> ";a=b";
      case 2 -> ";a=0;b;c=1";
      default -> "";
    };
  }

  private static String mutated(String body, Random random) {
    var bytes = new StringBuilder(body);
    for (int edit = random.nextInt(3); edit >= 0; edit--) {
      int at = random.nextInt(bytes.length());
      switch (random.nextInt(4)) {
        case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
        case 1 -> bytes.insert(at, "\r\n\t ;=\"\\0x-+:\0".charAt(random.nextInt(14)));
        case 2 -> bytes.deleteCharAt(at).append('\n');
        default -> bytes.insert(at, bytes.substring(at, Math.min(bytes.length(), at + 9)));
      }
    }
    return bytes.toString();
  }

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern SIZE_LINE =
      Pattern.compile("([0-9a-fA-F]+)(?:;" + TOKEN + "(?:=" + TOKEN + ")?)*\\r\\n");
  private static final Pattern TRAILERS =
      Pattern.compile("(?:" + TOKEN + ":[\\t -~\\x80-\\xff]*\\r\\n)*\\r\\n");

  /** A second opinion, by expressions over the whole. */
  private static Reading read(String bytes) {
    var content = new StringBuilder();
    var rest = bytes;
    while (true) {
      var line = SIZE_LINE.matcher(rest);
      if (!line.lookingAt()) {
        return new Reading(unfinished(SIZE_LINE, rest, LINE_ENDS), "", "");
      }
      int digits = line.group(1).length();
      long size = digits > 16 ? Long.MAX_VALUE : Long.parseUnsignedLong(line.group(1), 16);
      if (size < 0 || size > Integer.MAX_VALUE) {
        return new Reading(End.REFUSED, "", "");
      }
      rest = rest.substring(line.end());
      if (size == 0) {
        var trailers = TRAILERS.matcher(rest);
        return trailers.lookingAt()
            ? new Reading(End.WHOLE, content.toString(), rest.substring(trailers.end()))
            : new Reading(unfinished(TRAILERS, rest, TRAILER_ENDS), "", "");
      }
      var end = afterContent(rest, size);
      if (end != null) {
        return new Reading(end, "", "");
      }
      content.append(rest, 0, (int) size);
      rest = rest.substring((int) size + 2);
    }
  }

  /** With one of these any beginning that is right becomes whole. */
  private static final List<String> LINE_ENDS = List.of("\n", "\r\n", "0\r\n", "x\r\n");

  private static final List<String> TRAILER_ENDS =
      List.of("\n", "\r\n", "\n\r\n", "\r\n\r\n", ":\r\n\r\n", "x:\r\n\r\n");

  private static End unfinished(Pattern whole, String begun, List<String> ends) {
    return ends.stream().anyMatch(end -> whole.matcher(begun + end).matches())
        ? End.UNFINISHED
        : End.REFUSED;
  }

  /** How it ends with a chunk that has no CR LF where its size says, if it does. */
  private static @Nullable End afterContent(String rest, long size) {
    if (rest.length() < size + 2) {
      boolean fits = rest.length() <= size || rest.charAt((int) size) == '\r';
      return fits ? End.UNFINISHED : End.REFUSED;
    }
    return rest.startsWith("\r\n", (int) size) ? null : End.REFUSED;
  }
}
