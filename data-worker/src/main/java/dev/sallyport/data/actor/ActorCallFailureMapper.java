package dev.sallyport.data.actor;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.model.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers the problem of a call that a service let fail. */
class ActorCallFailureMapper {
  private static final Logger LOG = Logger.getLogger(ActorCallFailureMapper.class);

  @ServerExceptionMapper
  Response map(ActorCallFailure failure) {
    var problem = failure.problem();
    var request = InternalCall.current().requestId();
    if (failure.kind() == ActorCallFailure.Kind.FAILED) {
      LOG.errorf(failure, "request %s failed", request);
    }
    return Response.status(problem.type().status())
        .type(Problem.MEDIA_TYPE)
        .header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds())
        .entity(problem.toJson(request))
        .build();
  }
}
