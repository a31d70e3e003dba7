package dev.sallyport.data.binding;

import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Answers what a Vert.x route throws: a {@link Refusal} by its problem, all else by 500 and a log
 * line. Stands before the error page of Quarkus, which says more than anyone outside should know.
 */
@Singleton
class RouterFailures {
  private static final Logger LOG = Logger.getLogger(RouterFailures.class);

  private final RequestIds ids;

  @Inject
  RouterFailures(RequestIds ids) {
    this.ids = ids;
  }

  void route(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).failureHandler(this::answer);
  }

  private void answer(RoutingContext rc) {
    var id = ids.of(rc.request());
    Problems.send(rc, problem(rc, id), id, Problems.Body.DISCARDED);
  }

  private static Problem problem(RoutingContext rc, String requestId) {
    if (rc.failure() instanceof Refusal refusal) {
      return refusal.problem();
    }
    if (rc.failure() instanceof StoreFailure store) {
      return ProblemMappers.problem(store);
    }
    if (rc.statusCode() == 400) {
      // Vert.x gives up by itself on a path that cannot be decoded.
      return Problem.of(ProblemType.BAD_REQUEST, "The request cannot be read.");
    }
    LOG.errorf(rc.failure(), "request %s failed", requestId);
    return Problem.of(ProblemType.INTERNAL, "The request id finds the reason in the log.");
  }
}
