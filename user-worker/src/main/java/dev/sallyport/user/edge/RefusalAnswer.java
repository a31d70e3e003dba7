package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.WorkerHeaders;
import dev.sallyport.user.edge.StrictRequestDecoder.Refusal;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Turns the server's bare answer to a refused request into problem+json and closes after it; where
 * a body is refused whose request somebody above may still be busy with, answers in their place.
 * Requests before it on the connection get their own answers first. Confined to the channel's event
 * loop.
 */
final class RefusalAnswer extends ChannelDuplexHandler {
  private final StrictRequestDecoder decoder;
  private long answers;
  private boolean inAnswer;
  private boolean bodyRefused;
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
    var refusal = decoder.refusal();
    if (message instanceof HttpResponse response && !isInterim(response)) {
      answers++;
      inAnswer = true;
      if (refusal != null && refusal.request() == answers) {
        ReferenceCountUtil.release(message);
        end(context, answer(refusal.problem()), promise);
        return;
      }
    }
    var _ = context.write(message, promise);
    if (message instanceof LastHttpContent) {
      inAnswer = false;
      if (refusal != null && bodyRefused) {
        endBeforeTheBody(context, refusal);
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    var refusal = decoder.refusal();
    if (refusal != null && StrictRequestDecoder.BODY_REFUSED.equals(event)) {
      bodyRefused = true;
      endBeforeTheBody(context, refusal);
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  /** Ends the connection, if all answers before that to the refused request have been given. */
  private void endBeforeTheBody(ChannelHandlerContext context, Refusal refusal) {
    if (answers >= refusal.request()) {
      // It has its answer, or part of one, and gets no second.
      end(context, Unpooled.EMPTY_BUFFER, context.newPromise());
    } else if (answers == refusal.request() - 1 && !inAnswer) {
      end(context, answer(refusal.problem()), context.newPromise());
    }
  }

  private void end(ChannelHandlerContext context, Object last, ChannelPromise promise) {
    answered = true;
    context.writeAndFlush(last, promise).addListener(ChannelFutureListener.CLOSE);
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
