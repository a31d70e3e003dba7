package dev.sallyport.user.edge;

import dev.sallyport.user.binding.Fallback;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** Answers what a fallback says. On the request's event loop. */
final class FallbackAnswer {
  private FallbackAnswer() {}

  /** Nothing was answered before; a client that sends its body still has to stop. */
  static void send(RoutingContext context, Fallback.Answer answer) {
    var request = context.request();
    var response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    boolean bodyLeft = Problems.isBodyLeft(request);
    response.setStatusCode(answer.status());
    response.putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
    if (bodyLeft) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    if (AnswerHead.isHead(request)) {
      response.end();
    } else {
      response.end(answer.body());
    }
    if (bodyLeft) {
      Problems.closeAfterLinger(context);
    }
  }
}
