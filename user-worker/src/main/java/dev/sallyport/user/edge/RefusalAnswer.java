package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.WorkerHeaders;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Turns the server's bare answer to a refused request into problem+json and closes after it.
 * Requests before it on the connection get their own answers first. Confined to the channel's event
 * loop.
 */
final class RefusalAnswer extends ChannelOutboundHandlerAdapter {
  private final StrictRequestDecoder decoder;
  private long answers;
  private boolean answered;

  RefusalAnswer(StrictRequestDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (answered) {
      ReferenceCountUtil.release(message);
      promise.trySuccess();
      return;
    }
    if (message instanceof HttpResponse response && !isInterim(response)) {
      answers++;
      var refusal = decoder.refusal();
      if (refusal != null && refusal.request() == answers) {
        answered = true;
        ReferenceCountUtil.release(message);
        context
            .writeAndFlush(answer(refusal.problem()), promise)
            .addListener(ChannelFutureListener.CLOSE);
        return;
      }
    }
    var _ = context.write(message, promise);
  }

  private static boolean isInterim(HttpResponse response) {
    return response.status().code() < 200 && response.status().code() != 101;
  }

  private static DefaultFullHttpResponse answer(Problem problem) {
    // No request was read, so nothing else has an id for it.
    var requestId = UUID.randomUUID().toString();
    var body = problem.toJson(requestId).getBytes(StandardCharsets.UTF_8);
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(problem.type().status()),
            Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, "close")
        .set(WorkerHeaders.REQUEST_ID, requestId);
    return response;
  }
}
