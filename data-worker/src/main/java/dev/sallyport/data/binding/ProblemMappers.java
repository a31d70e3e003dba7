package dev.sallyport.data.binding;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Turns whatever a JAX-RS resource, or Quarkus on the way to it, throws into a problem. Nothing of
 * an exception's own text goes outside; what nobody expected is logged under the request's id.
 */
class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  Response refusal(Refusal refusal) {
    return answer(refusal.problem());
  }

  /** What was refused by Postgres is nobody's fault but ours: that is {@link #unexpected}. */
  @ServerExceptionMapper
  Response store(StoreFailure failure) {
    return answer(problem(failure));
  }

  static Problem problem(StoreFailure failure) {
    return failure.mayHaveCommitted()
        ? Problem.of(ProblemType.STORE_DOWN, "No answer came: it may have been done all the same.")
        : Problem.retryable(
            ProblemType.STORE_DOWN, "Nothing was done: try again.", Duration.ofSeconds(1));
  }

  /** Replaces the mapper of Quarkus, which describes the class to be filled where it may. */
  @ServerExceptionMapper
  Response mismatch(MismatchedInputException mismatch) {
    return answer(problem(mismatch));
  }

  /** JSON that is broken is 400; JSON that does not fit the record it is read into is 422. */
  private static Problem problem(JacksonException failure) {
    if (failure instanceof JsonMappingException mismatch && !Misfit.isBroken(mismatch)) {
      var message =
          mismatch instanceof UnrecognizedPropertyException
              ? "is not known here"
              : "has not the expected form";
      return Problem.invalid(List.of(new FieldError(Misfit.path("", mismatch), message)));
    }
    return Problem.of(ProblemType.BAD_JSON, "Send one JSON value in UTF-8.");
  }

  /** What Quarkus itself answers: no such path, wrong method, wrong media type, unreadable JSON. */
  @ServerExceptionMapper
  Response web(WebApplicationException web) {
    if (web.getCause() instanceof JacksonException failure) {
      return answer(problem(failure));
    }
    return switch (web.getResponse().getStatus()) {
      case 400 -> answer(Problem.of(ProblemType.BAD_REQUEST, "The request cannot be read."));
      case 404 -> answer(Problem.of(ProblemType.NOT_FOUND, "Nothing is served at this path."));
      case 405 ->
          answer(
              Problem.of(ProblemType.METHOD_NOT_ALLOWED, "The path is right, the method is not."));
      case 406 ->
          answer(Problem.of(ProblemType.NOT_ACCEPTABLE, "Accept application/json, or anything."));
      case 413 -> answer(Problem.of(ProblemType.TOO_LARGE, "Send less."));
      case 415 ->
          answer(
              Problem.of(
                  ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type application/json."));
      default -> unexpected(web);
    };
  }

  @ServerExceptionMapper
  Response unexpected(Throwable failure) {
    LOG.errorf(failure, "request %s failed", requestId());
    return answer(Problem.of(ProblemType.INTERNAL, "The request id finds the reason in the log."));
  }

  private static Response answer(Problem problem) {
    return Response.status(problem.type().status())
        .type(Problem.MEDIA_TYPE)
        .header(HttpHeaders.RETRY_AFTER, problem.retryAfterSeconds())
        .entity(problem.toJson(requestId()))
        .build();
  }

  private static String requestId() {
    return InternalCall.current().requestId();
  }
}
