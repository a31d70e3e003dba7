package dev.sallyport.user.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What leaves a resource as an exception reaches the client as problem+json. */
class RestProblems {
  private static final int PATH_SHOWN_MAX = 100;

  @ServerExceptionMapper
  Response known(ProblemException failure, RoutingContext context) {
    return response(failure.problem(), context);
  }

  @ServerExceptionMapper
  Response framework(WebApplicationException failure, RoutingContext context) {
    return failure.getCause() instanceof JsonProcessingException json
        ? json(json, context)
        : response(Problems.ofStatus(failure.getResponse().getStatus()), context);
  }

  @ServerExceptionMapper
  Response json(JsonProcessingException failure, RoutingContext context) {
    return response(Problem.of(ProblemType.BAD_JSON, "The body is not JSON."), context);
  }

  /** JSON that does not fit. Named apart because Quarkus has a mapper for it that says nothing. */
  @ServerExceptionMapper
  Response misfit(MismatchedInputException failure, RoutingContext context) {
    if (failure.getOriginalMessage().startsWith("Trailing token")) {
      return json(failure, context);
    }
    var misfit =
        failure.getPath().isEmpty()
            ? new FieldError("body", "must be a JSON object")
            : new FieldError(path(failure), message(failure));
    return response(Problem.invalid(List.of(misfit)), context);
  }

  private static String message(MismatchedInputException failure) {
    return failure instanceof UnrecognizedPropertyException
        ? "is not known here"
        : "has not the expected form";
  }

  @ServerExceptionMapper
  Response unexpected(Throwable failure, RoutingContext context) {
    return response(Problems.unexpected(Problems.requestId(context), failure), context);
  }

  private static String path(JsonMappingException failure) {
    var path =
        failure.getPath().stream()
            .map(step -> Objects.requireNonNullElse(step.getFieldName(), "[]"))
            .collect(Collectors.joining("."));
    return path.length() > PATH_SHOWN_MAX ? path.substring(0, PATH_SHOWN_MAX) + "…" : path;
  }

  private static Response response(Problem problem, RoutingContext context) {
    var response =
        Response.status(problem.type().status())
            .type(Problem.MEDIA_TYPE)
            .entity(problem.toJson(Problems.requestId(context)));
    if (problem.type().status() == 401) {
      response.header("WWW-Authenticate", "Bearer");
    }
    var retryAfter = problem.retryAfterSeconds();
    return (retryAfter == null ? response : response.header("Retry-After", retryAfter)).build();
  }
}
