package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.route.Requirement;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may go through which door. Immutable. */
final class Doorkeeper {
  private static final String ADMIN_ROLE = "admin";

  private final OriginRule origins;

  Doorkeeper(OriginRule origins) {
    this.origins = origins;
  }

  /**
   * What keeps this caller from this door; empty where nothing does.
   *
   * @param principal null for nobody
   */
  Optional<Problem> refusal(
      HttpServerRequest request,
      RequestTarget target,
      Destination.Door door,
      @Nullable Principal principal) {
    if (principal == null && door.requirement() != Requirement.ANONYMOUS) {
      return refusal(ProblemType.UNAUTHENTICATED, "Sign in and send the access token.");
    }
    if (principal != null
        && door.requirement() == Requirement.ADMIN
        && !principal.hasRole(ADMIN_ROLE)) {
      return refusal(ProblemType.FORBIDDEN, "This is for administrators.");
    }
    boolean upgrade = Edge.isUpgrade(request);
    if (principal != null && !principal.scopes().permit(request.method(), target.path(), upgrade)) {
      return refusal(ProblemType.FORBIDDEN, "The scopes of this key do not reach that far.");
    }
    boolean unasked =
        principal != null && principal.byCookie() && !OwnPaths.isQuestion(target.path());
    if (!origins.permits(request.method(), request.headers(), upgrade, unasked)) {
      return refusal(ProblemType.ORIGIN_REFUSED, "Requests from this page's origin are refused.");
    }
    return Optional.empty();
  }

  private static Optional<Problem> refusal(ProblemType type, String detail) {
    return Optional.of(Problem.of(type, detail));
  }
}
