package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of every request that no streaming route has taken, at most {@link #BYTES_MAX}, so
 * that JAX-RS resources find it whole. Vert.x's own BodyHandler would do but for two things: it
 * never goes on when the announced length is 0, and goes on reading for as long as a client sends
 * after the body was too large.
 *
 * <p>Runs on the event loop.
 */
@Singleton
class Bodies {
  /** design.md, section 5: 1 MiB of JSON. Also what one request may cost in memory here. */
  static final int BYTES_MAX = 1024 * 1024;

  void route(@Observes Router router) {
    router.route().order(RouteConstants.ROUTE_ORDER_BEFORE_DEFAULT).handler(Bodies::read);
  }

  private static void read(RoutingContext rc) {
    var request = rc.request();
    var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (!isAnnounced(request, length)) {
      rc.next();
    } else if (length != null && Long.parseLong(length) > BYTES_MAX) {
      refuse(rc);
    } else {
      if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
        rc.response().writeContinue();
      }
      new Reading(rc).begin();
    }
  }

  /** Whether a body follows the head. */
  static boolean isAnnounced(HttpServerRequest request, @Nullable String length) {
    return length == null
        ? request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        : !"0".equals(length);
  }

  private static void refuse(RoutingContext rc) {
    Problems.send(
        rc, Problem.of(ProblemType.TOO_LARGE, "At most " + BYTES_MAX + " bytes are taken."));
  }

  /** One body on its way in. Confined to its connection's event loop. */
  private static final class Reading {
    private final RoutingContext rc;
    private final Buffer body = Buffer.buffer();

    Reading(RoutingContext rc) {
      this.rc = rc;
    }

    void begin() {
      // Nobody is left to be told when the client goes away in mid-body.
      rc.request()
          .exceptionHandler(gone -> {})
          .handler(this::more)
          .endHandler(end -> end())
          .resume();
    }

    private void more(Buffer bytes) {
      if (body.length() + bytes.length() > BYTES_MAX) {
        refuse(rc);
      } else {
        body.appendBuffer(bytes);
      }
    }

    private void end() {
      // Internal to Vert.x, and what its BodyHandler does: where Quarkus looks for a body.
      ((RoutingContextInternal) rc).setBody(body);
      rc.next();
    }
  }
}
