package dev.sallyport.user.edge;

import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.user.binding.Bindings;
import dev.sallyport.user.limit.Limits;
import dev.sallyport.user.platform.Methods;
import dev.sallyport.user.route.Requirement;
import dev.sallyport.user.route.Route;
import dev.sallyport.user.route.RouteMatch;
import dev.sallyport.user.route.Routes;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * The one place that says what a request is for: the private side, a path of our own, the binding
 * of a route, the waitlist, or nothing. Reads memory; on event loops.
 */
@ApplicationScoped
class Destinations {
  private static final Methods READ = Methods.of(HttpMethod.GET);
  private static final Methods CALL = Methods.of(HttpMethod.POST);
  private static final Methods READ_AND_JOIN = Methods.of(HttpMethod.GET, HttpMethod.POST);
  private static final Destination NOTHING = new Destination.Nothing();
  private static final Destination ANYBODYS = new Destination.Own(Requirement.ANONYMOUS);

  private final Bindings bindings;
  private final Destination.Service privateSide;
  private final Destination remoteCalls;
  private final Routes routes;

  @Inject
  Destinations(Bindings bindings, Routes routes) {
    this.bindings = bindings;
    this.privateSide =
        new Destination.Service(bindings.backend(), "", Requirement.AUTHENTICATED, Limits.USUAL);
    this.remoteCalls = new Destination.RemoteCalls(privateSide);
    this.routes = routes;
  }

  /**
   * What this request is for.
   *
   * @throws dev.sallyport.user.platform.ProblemException where that cannot be said
   */
  Destination of(HttpServerRequest request, RequestTarget target) {
    if (target.isPrivate()) {
      return privateSide;
    }
    if (target.path().equals(JsonRpc.PUBLIC_PATH)) {
      return CALL.take(request.method()) ? remoteCalls : new Destination.OtherMethods(CALL);
    }
    var own = OwnPaths.find(target.path());
    if (own != null) {
      return own.takes(request.method())
          ? new Destination.Own(own.requirement())
          : new Destination.OtherMethods(own.methods());
    }
    boolean waitlist = target.path().equals(Routes.WAITLIST);
    if (waitlist && CALL.take(request.method())) {
      return ANYBODYS;
    }
    return switch (routes.match(target.path(), request.getHeader(HttpHeaders.HOST))) {
      case RouteMatch.Routed(var route) -> binding(route);
      case RouteMatch.Waitlist() -> among(waitlist ? READ_AND_JOIN : READ, request.method());
      // There is no page here, but addresses are taken on every host.
      case RouteMatch.Nowhere() when waitlist && !READ.take(request.method()) ->
          new Destination.OtherMethods(CALL);
      case RouteMatch.Nowhere() -> NOTHING;
    };
  }

  private static Destination among(Methods methods, HttpMethod method) {
    return methods.take(method) ? ANYBODYS : new Destination.OtherMethods(methods);
  }

  /** The table holds no route to a binding that there is not. */
  private Destination binding(Route route) {
    return bindings
        .find(route.binding())
        .<Destination>map(binding ->
            new Destination.Service(
                binding, binding.entrypoint(), route.requirement(), limits(route)))
        .orElse(NOTHING);
  }

  private static Limits limits(Route route) {
    return route
        .limits()
        .map(own ->
            new Limits(
                route.key().text(),
                own.addressPerMinuteOrNull(),
                own.principalPerMinuteOrNull(),
                switch (own.whenRedisIsAway()) {
                  case CLOSED -> Limits.WithoutRedis.CLOSED;
                  case OPEN -> Limits.WithoutRedis.OPEN;
                  case LOCAL -> Limits.WithoutRedis.LOCAL;
                }))
        .orElse(Limits.USUAL);
  }
}
