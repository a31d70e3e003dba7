package dev.sallyport.user.platform;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The methods that a path takes. Immutable. */
public final class Methods {
  private final Set<HttpMethod> taken = new LinkedHashSet<>();
  private final String allow;

  private Methods(HttpMethod... methods) {
    taken.addAll(Arrays.asList(methods));
    if (taken.contains(HttpMethod.GET)) {
      taken.add(HttpMethod.HEAD);
    }
    this.allow =
        taken.stream().map(HttpMethod::name).collect(Collectors.joining(", ", "", ", OPTIONS"));
  }

  /** These, and HEAD where GET is among them. OPTIONS is answered everywhere. */
  public static Methods of(HttpMethod... methods) {
    return new Methods(methods);
  }

  /** Whether the path itself answers this one. */
  public boolean take(HttpMethod method) {
    return taken.contains(method);
  }

  /** Answers a method that is not taken: OPTIONS with what is, any other with 405 and the same. */
  public void answerOther(RoutingContext context) {
    // When the head is written: a problem begins its own.
    context.addHeadersEndHandler(ending -> context.response().putHeader(HttpHeaders.ALLOW, allow));
    if (context.request().method().equals(HttpMethod.OPTIONS)) {
      Problems.answerNothing(context);
    } else {
      Problems.answer(
          context, Problem.of(ProblemType.METHOD_NOT_ALLOWED, "This path takes other methods."));
    }
  }
}
