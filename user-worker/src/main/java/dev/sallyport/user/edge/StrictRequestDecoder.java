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
    this.headBytesMax = options.getMaxInitialLineLength() + options.getMaxHeaderSize();
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
          // Above the limit the decoder behind us finds that the head is too large.
          if (buffer.readableBytes() <= headBytesMax) {
            return;
          }
        }
        case HeadRules.Verdict.Refused refused -> {
          buffer.skipBytes(buffer.readableBytes());
          out.add(unreadable(refused.why()));
          out.add(LastHttpContent.EMPTY_LAST_CONTENT);
          refuse(Problem.of(ProblemType.BAD_REQUEST, refused.why()), ++requests);
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
      case TooLongHttpLineException line ->
          Problem.of(ProblemType.URI_TOO_LONG, "The request line is too long.");
      case TooLongHttpHeaderException headers ->
          Problem.of(ProblemType.HEADERS_TOO_LARGE, "The headers together are too large.");
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
