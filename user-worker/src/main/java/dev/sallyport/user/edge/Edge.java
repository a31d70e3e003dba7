package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UnderWay;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.auth.Authenticator;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.Bindings;
import dev.sallyport.user.binding.SocketDoor;
import dev.sallyport.user.platform.Problems;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What every public request passes, in this order: request id, target, route, credential, what the
 * route requires, the origin rule; then the proxy, the tunnel, or a handler of our own. On the
 * event loop; a credential that is not remembered is verified elsewhere.
 */
@ApplicationScoped
public class Edge {
  /** Before everything that Quarkus puts on the router, so that nothing has read the body yet. */
  private static final int FIRST = Integer.MIN_VALUE;

  private static final int JSON_BYTES_MAX = 1024 * 1024;
  private static final Duration OWN_BODY_WITHIN = Duration.ofSeconds(30);
  private static final long STREAM_BYTES_MAX = 2L * 1024 * 1024 * 1024;
  private static final String STREAMS = "/api/internal/echo/bytes";

  /** There Netty cannot see our classes; system tests and StrictFramingTest see to it. */
  private static final boolean IN_PROCESS_TEST = LaunchMode.current().isDevOrTest();

  private static final String NOT_PLAIN = "The request target is not a plain absolute path.";

  private final UuidV7 ids;
  private final Authenticator authenticator;
  private final Binding backend;
  private final SocketDoor sockets;
  private final OriginRule origins;
  private final int trustedHops;
  private final UnderWay underWay;

  @Inject
  Edge(
      UuidV7 ids,
      Authenticator authenticator,
      Bindings bindings,
      SocketDoor sockets,
      EdgeSettings settings,
      UnderWay underWay) {
    this.ids = ids;
    this.authenticator = authenticator;
    this.backend = bindings.backend();
    this.sockets = sockets;
    this.origins = new OriginRule(settings.origins().orElse(List.of()));
    this.trustedHops = settings.trustedHops();
    this.underWay = underWay;
  }

  void install(@Observes Router router) {
    router.route().order(FIRST).handler(this::enter);
    router.route().order(Integer.MAX_VALUE).handler(this::nothingHere);
    router.route().failureHandler(this::failed);
  }

  private void enter(RoutingContext context) {
    Problems.begin(context, ids.next().toString());
    if (!StrictFraming.isInPlace() && !IN_PROCESS_TEST) {
      Problems.answer(context, new IllegalStateException("nothing judges the heads of requests"));
      return;
    }
    var request = context.request();
    if (request.method().equals(HttpMethod.CONNECT)) {
      refuse(context, ProblemType.METHOD_NOT_ALLOWED, "This is no proxy to other places.");
      return;
    }
    HeaderRules.cleanSubprotocols(request.headers());
    var target = RequestTarget.parse(request.uri()).orElse(null);
    if (target == null) {
      refuse(context, ProblemType.BAD_REQUEST, NOT_PLAIN);
      return;
    }
    var requirement = OwnPaths.requirement(target);
    if (requirement == null) {
      refuse(context, ProblemType.NOT_FOUND, "No such path.");
      return;
    }
    // Only for an upgrade is a ticket a credential, and from here on it is gone.
    var ticketed =
        target.isPrivate() && isUpgrade(request)
            ? TicketedTarget.of(target)
            : new TicketedTarget(target, List.of());
    identify(request.headers(), ticketed.tickets(), requirement)
        .map(principal -> {
          admitted(context, ticketed.rest(), requirement, principal.orElse(null));
          return true;
        })
        .onFailure(failure -> Problems.answer(context, failure));
  }

  private Future<Optional<Principal>> identify(
      MultiMap headers, List<String> tickets, Requirement requirement) {
    return tickets.isEmpty()
        ? authenticator.identify(headers, requirement == Requirement.AUTHENTICATED)
        : authenticator.redeem(headers, tickets);
  }

  /** A stop waits for it, but not for a tunnel, which ends with the stop. */
  private void count(RoutingContext context) {
    underWay.begin();
    context.addEndHandler(ended -> underWay.end());
    if (underWay.isLeaving()) {
      context.response().putHeader(HttpHeaders.CONNECTION, "close");
    }
  }

  private void admitted(
      RoutingContext context,
      RequestTarget target,
      Requirement requirement,
      @Nullable Principal principal) {
    if (principal == null && requirement == Requirement.AUTHENTICATED) {
      refuse(context, ProblemType.UNAUTHENTICATED, "Sign in and send the access token.");
      return;
    }
    var request = context.request();
    boolean upgrade = isUpgrade(request);
    if (!origins.permits(
        request.method(), request.headers(), upgrade, principal != null && principal.byCookie())) {
      refuse(context, ProblemType.ORIGIN_REFUSED, "Requests from this page's origin are refused.");
    } else if (!target.isPrivate() || principal == null) {
      count(context);
      own(context, principal);
    } else if (upgrade) {
      var call =
          call(context, target, principal, HeaderRules.towardsPrivateSocket(request.headers()));
      sockets.open(context, backend, call, principal.sessionId());
    } else {
      count(context);
      var call = call(context, target, principal, HeaderRules.towardsPrivate(request.headers()));
      long bodyBytesMax = target.path().equals(STREAMS) ? STREAM_BYTES_MAX : JSON_BYTES_MAX;
      new ProxiedCall(context, backend, call, bodyBytesMax).start();
    }
  }

  private void own(RoutingContext context, @Nullable Principal principal) {
    if (principal != null) {
      principal.attachTo(context);
    }
    CollectedBody.collect(context, JSON_BYTES_MAX, OWN_BODY_WITHIN);
  }

  private BindingCall call(
      RoutingContext context, RequestTarget target, Principal principal, MultiMap forwarded) {
    var request = context.request();
    return new BindingCall(
        request.method(),
        target.text(),
        forwarded,
        principal.userId(),
        principal.rolesText(),
        Problems.requestId(context),
        ClientAddress.of(request, trustedHops),
        backend.timeout());
  }

  private static boolean isUpgrade(HttpServerRequest request) {
    return request.method().equals(HttpMethod.GET)
        && request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)
        && HeaderRules.lists(request.headers(), HttpHeaders.CONNECTION, "upgrade");
  }

  private void nothingHere(RoutingContext context) {
    refuse(context, ProblemType.NOT_FOUND, "No such path.");
  }

  /** What Quarkus or Vert.x refused by status alone, or a defect. */
  private void failed(RoutingContext context) {
    boolean entered = Problems.hasBegun(context);
    if (!entered) {
      Problems.begin(context, ids.next().toString());
    }
    if (!entered && context.failure() == null) {
      // No route, not even the first, takes a target that does not begin with a slash.
      refuse(context, ProblemType.BAD_REQUEST, NOT_PLAIN);
    } else if (context.failure() != null) {
      Problems.answer(context, context.failure());
    } else {
      Problems.answer(context, Problems.ofStatus(context.statusCode()));
    }
  }

  private static void refuse(RoutingContext context, ProblemType type, String detail) {
    Problems.answer(context, Problem.of(type, detail));
  }
}
