package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1 decoder of the public port: holds each head back until it is whole, lets {@link
 * HeadRules} judge its bytes, and only then decodes it. Of a chunked body it decodes no byte that
 * {@link ChunkRules} have not judged. A head that is not whole in time, see {@link HeadDeadline},
 * is refused too. After a refusal it decodes nothing more on that connection. Confined to the
 * channel's event loop.
 *
 * <p>The decoder it extends is lenient where design.md is not: it joins folded lines, drops a
 * length beside a transfer coding, and guesses at the sizes of chunks, all without a trace that
 * anything above could act on.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private static final int CRLF_BYTES = 2;
  private static final Problem LINE_TOO_LONG =
      Problem.of(ProblemType.URI_TOO_LONG, "The request line is too long.");
  private static final Problem HEADERS_TOO_LARGE =
      Problem.of(ProblemType.HEADERS_TOO_LARGE, "The headers together are too large.");
  private static final Problem HEAD_TOO_SLOW =
      Problem.of(ProblemType.REQUEST_TIMEOUT, "The request head did not arrive in time.");

  /** Told to the handlers behind when the body of a request that they have is refused. */
  static final Object BODY_REFUSED = "body refused";

  private final ChunkRules chunks = new ChunkRules();
  private final HeadDeadline deadline;
  private final int lineBytesMax;
  private final int headBytesMax;
  private boolean atHead = true;
  private boolean chunked;

  /** Whether what comes next is a chunked body; {@link #judged} of its bytes are clear. */
  private boolean inChunks;

  private int judged;
  private long requests;
  private @Nullable Refusal refusal;

  /**
   * What was refused.
   *
   * @param request the refused request's position on its connection, counted from 1
   */
  record Refusal(long request, Problem problem) {}

  /**
   * @param pipeline the connection's, which this is going to be in
   * @param headWithin how long a head may take from its first byte to its last
   */
  StrictRequestDecoder(HttpServerOptions options, ChannelPipeline pipeline, Duration headWithin) {
    super(options);
    this.deadline =
        new HeadDeadline(pipeline.channel(), headWithin, System::nanoTime, () -> tooSlow(pipeline));
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
      decodeHead(context, buffer, out);
    } else if (inChunks) {
      decodeChunks(context, buffer, out);
    } else {
      super.decode(context, buffer, out);
      notice(out);
    }
  }

  private void decodeHead(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
      throws Exception {
    switch (HeadRules.judge(buffer)) {
      case HeadRules.Verdict.Incomplete incomplete -> {
        deadline.begin();
        if (buffer.readableBytes() > headBytesMax) {
          refuse(isLineTooLong(buffer) ? LINE_TOO_LONG : HEADERS_TOO_LARGE, buffer, out);
        }
      }
      case HeadRules.Verdict.Refused refused ->
          refuse(Problem.of(ProblemType.BAD_REQUEST, refused.why()), buffer, out);
      case HeadRules.Verdict.Clear clear -> {
        deadline.end();
        atHead = false;
        chunked = clear.chunked();
        super.decode(context, buffer, out);
        notice(out);
      }
    }
  }

  private void decodeChunks(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
      throws Exception {
    int from = buffer.readerIndex();
    if (!chunks.hasEnded()) {
      switch (chunks.judge(buffer, from + judged, buffer.writerIndex())) {
        case ChunkRules.Verdict.More more -> judged = buffer.readableBytes();
        case ChunkRules.Verdict.Ended ended -> judged = ended.index() - from;
        case ChunkRules.Verdict.Refused refused -> {
          refuseBody(context, refused.why(), buffer);
          return;
        }
      }
    }
    super.decode(context, buffer, out);
    judged -= buffer.readerIndex() - from;
    if (!agrees(out)) {
      out.forEach(ReferenceCountUtil::release);
      out.clear();
      refuseBody(context, "The chunked body cannot be read.", buffer);
      return;
    }
    notice(out);
  }

  /** Whether the decoder behind has read what we have judged, and sees the same end. */
  private boolean agrees(List<Object> read) {
    boolean ended = false;
    for (var message : read) {
      if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
        return false;
      }
      ended |= message instanceof LastHttpContent;
    }
    return judged >= 0 && (!ended || (chunks.hasEnded() && judged == 0));
  }

  /** Hands on in the place of what was read a request that cannot be. */
  private void refuse(Problem problem, ByteBuf buffer, List<Object> out) {
    buffer.skipBytes(buffer.readableBytes());
    out.add(unreadable(problem.detail()));
    out.add(LastHttpContent.EMPTY_LAST_CONTENT);
    refuse(problem, ++requests);
  }

  /** Its request has been handed on, and never ends. */
  private void refuseBody(ChannelHandlerContext context, String why, ByteBuf buffer) {
    buffer.skipBytes(buffer.readableBytes());
    refuse(Problem.of(ProblemType.BAD_REQUEST, why), requests);
    context.fireUserEventTriggered(BODY_REFUSED);
  }

  /** From now on a first head is awaited, of which nothing is there yet. */
  void awaitHead() {
    deadline.begin();
  }

  private void tooSlow(ChannelPipeline pipeline) {
    var context = pipeline.context(this);
    if (context == null || refusal != null) {
      return;
    }
    if (internalBuffer().isReadable()) {
      refuse(HEAD_TOO_SLOW, ++requests);
      context.fireChannelRead(unreadable(HEAD_TOO_SLOW.detail()));
      context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      context.fireChannelReadComplete();
    } else {
      var _ = context.close();
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
    deadline.stop();
    super.handlerRemoved0(context);
  }

  private boolean isLineTooLong(ByteBuf buffer) {
    int from = buffer.readerIndex();
    return buffer.indexOf(from, from + lineBytesMax, (byte) '\n') < 0;
  }

  private void notice(List<Object> read) {
    for (var message : read) {
      notice(message);
    }
  }

  private void notice(Object message) {
    if (message instanceof HttpMessage head) {
      requests++;
      if (head.decoderResult().isFailure()) {
        refuse(problem(head.decoderResult().cause()), requests);
      }
      if (chunked) {
        inChunks = true;
        judged = 0;
        chunks.begin();
      }
    }
    if (message instanceof LastHttpContent) {
      atHead = true;
      inChunks = false;
    }
  }

  private void refuse(Problem problem, long request) {
    refusal = new Refusal(request, problem);
    deadline.end();
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
