package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1 decoder of the public port: holds each head back until it is whole, lets {@link
 * HeadRules} judge its bytes, and only then decodes it. After a refusal it decodes nothing more on
 * that connection. Confined to the channel's event loop.
 *
 * <p>The decoder it extends is lenient where design.md is not: it joins folded lines and drops a
 * length beside a transfer coding, both without a trace that anything above could act on.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private static final int CRLF_BYTES = 2;
  private static final Problem LINE_TOO_LONG =
      Problem.of(ProblemType.URI_TOO_LONG, "The request line is too long.");
  private static final Problem HEADERS_TOO_LARGE =
      Problem.of(ProblemType.HEADERS_TOO_LARGE, "The headers together are too large.");

  private final int lineBytesMax;
  private final int headBytesMax;
  private boolean atHead = true;
  private long requests;
  private @Nullable Refusal refusal;

  /**
   * What was refused.
   *
   * @param request the refused request's position on its connection, counted from 1
   */
  record Refusal(long request, Problem problem) {}

  StrictRequestDecoder(HttpServerOptions options) {
    super(options);
    this.lineBytesMax = options.getMaxInitialLineLength() + CRLF_BYTES;
    // The decoder behind counts no line ends: with two bytes to a line it takes half as much again.
    this.headBytesMax = lineBytesMax + 2 * options.getMaxHeaderSize() + CRLF_BYTES;
  }

  /** The refusal that ended this connection, once there is one. */
  @Nullable Refusal refusal() {
    return refusal;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (refusal != null) {
      buffer.skipBytes(buffer.readableBytes());
      return;
    }
    if (atHead) {
      switch (HeadRules.judge(buffer)) {
        case HeadRules.Verdict.Incomplete incomplete -> {
          if (buffer.readableBytes() > headBytesMax) {
            refuse(isLineTooLong(buffer) ? LINE_TOO_LONG : HEADERS_TOO_LARGE, buffer, out);
          }
          return;
        }
        case HeadRules.Verdict.Refused refused -> {
          refuse(Problem.of(ProblemType.BAD_REQUEST, refused.why()), buffer, out);
          return;
        }
        case HeadRules.Verdict.Clear clear -> atHead = false;
      }
    }
    super.decode(context, buffer, out);
    for (var message : out) {
      notice(message);
    }
  }

  /** Hands on in the place of what was read a request that cannot be. */
  private void refuse(Problem problem, ByteBuf buffer, List<Object> out) {
    buffer.skipBytes(buffer.readableBytes());
    out.add(unreadable(problem.detail()));
    out.add(LastHttpContent.EMPTY_LAST_CONTENT);
    refuse(problem, ++requests);
  }

  private boolean isLineTooLong(ByteBuf buffer) {
    int from = buffer.readerIndex();
    return buffer.indexOf(from, from + lineBytesMax, (byte) '\n') < 0;
  }

  private void notice(Object message) {
    if (message instanceof HttpMessage head) {
      requests++;
      atHead = false;
      if (head.decoderResult().isFailure()) {
        refuse(problem(head.decoderResult().cause()), requests);
      }
    }
    if (message instanceof LastHttpContent) {
      atHead = true;
    }
  }

  private void refuse(Problem problem, long request) {
    refusal = new Refusal(request, problem);
  }

  private static Problem problem(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException line -> LINE_TOO_LONG;
      case TooLongHttpHeaderException headers -> HEADERS_TOO_LARGE;
      default -> Problem.of(ProblemType.BAD_REQUEST, "The request head cannot be read.");
    };
  }

  /** Stands in the connection's order of requests for the one that was refused. */
  private static DefaultHttpRequest unreadable(String why) {
    var request =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, "/", HeadersMultiMap.httpHeaders());
    request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(why)));
    return request;
  }
}
