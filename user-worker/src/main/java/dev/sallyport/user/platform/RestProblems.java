package dev.sallyport.user.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
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

  /** A body that parses but does not fit is 422 with the field; one that does not parse is 400. */
  @ServerExceptionMapper
  Response json(JsonProcessingException failure, RoutingContext context) {
    return response(
        failure instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
            ? Problem.invalid(List.of(new FieldError(path(mapping), "is not expected here")))
            : Problem.of(ProblemType.BAD_JSON, "The body is not the JSON object this path takes."),
        context);
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
