package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Reads the body of every request that no streaming route has taken, at most {@link #BYTES_MAX},
 * before JAX-RS resources see it; and turns what fails on the router into problems. Runs on the
 * event loop.
 */
@Singleton
class Bodies {
  /** design.md, section 5: 1 MiB of JSON. Also what one request may cost in memory here. */
  static final int BYTES_MAX = 1024 * 1024;

  private static final Logger LOG = Logger.getLogger(Bodies.class);

  private final RequestIds ids;

  @Inject
  Bodies(RequestIds ids) {
    this.ids = ids;
  }

  void read(@Observes Router router) {
    router
        .route()
        .order(RouteConstants.ROUTE_ORDER_BEFORE_DEFAULT)
        .handler(BodyHandler.create(false).setBodyLimit(BYTES_MAX));
    router.route().order(Integer.MIN_VALUE).failureHandler(this::failed);
  }

  private void failed(RoutingContext rc) {
    Problems.send(rc, problem(rc), ids.of(rc.request()), Problems.Body.DISCARDED);
  }

  private Problem problem(RoutingContext rc) {
    if (rc.failure() instanceof Refusal refusal) {
      return refusal.problem();
    }
    return switch (rc.statusCode()) {
      case 413 -> Problem.of(ProblemType.TOO_LARGE, "At most " + BYTES_MAX + " bytes are taken.");
      case 400 -> Problem.of(ProblemType.BAD_REQUEST, "The request cannot be read.");
      case 417 -> Problem.of(ProblemType.BAD_REQUEST, "Only 100-continue can be expected.");
      default -> {
        LOG.errorf(
            rc.failure(), "request %s to %s failed", ids.of(rc.request()), rc.normalizedPath());
        yield Problem.of(ProblemType.INTERNAL, "The request id finds the reason in the log.");
      }
    };
  }
}
