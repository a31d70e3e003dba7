package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UnderWay;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.auth.Authenticator;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.SocketDoor;
import dev.sallyport.user.limit.Limits;
import dev.sallyport.user.platform.MediaTypes;
import dev.sallyport.user.platform.Methods;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Problems;
import dev.sallyport.user.route.Requirement;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every public request passes, in this order: request id, target, what it is for, credential,
 * what that requires, the origin rule, limits; then the proxy, the tunnel, or a handler of our own.
 * On the event loop; a credential that is not remembered is verified elsewhere.
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

  /** What other methods there are, for CONNECT, which no path takes. */
  private static final Methods NO_PROXY =
      Methods.of(
          HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

  private static final String NOT_PLAIN = "The request target is not a plain absolute path.";

  private final UuidV7 ids;
  private final Authenticator authenticator;
  private final Destinations destinations;
  private final SocketDoor sockets;
  private final Doorkeeper doorkeeper;
  private final Cors cors;
  private final Admission admission;
  private final int trustedHops;
  private final UnderWay underWay;

  @Inject
  Edge(
      UuidV7 ids,
      Authenticator authenticator,
      Destinations destinations,
      SocketDoor sockets,
      Admission admission,
      EdgeSettings settings,
      UnderWay underWay) {
    this.ids = ids;
    this.authenticator = authenticator;
    this.destinations = destinations;
    this.sockets = sockets;
    this.admission = admission;
    this.doorkeeper = new Doorkeeper(new OriginRule(settings.origins().orElse(List.of())));
    this.cors = new Cors(settings.origins().orElse(List.of()));
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
    cors.begin(context);
    if (!StrictFraming.isInPlace() && !IN_PROCESS_TEST) {
      Problems.answer(context, new IllegalStateException("nothing judges the heads of requests"));
      return;
    }
    var request = context.request();
    if (request.method().equals(HttpMethod.CONNECT)) {
      answer(context, NO_PROXY::answerOther);
      return;
    }
    HeaderRules.cleanSubprotocols(request.headers());
    var target = RequestTarget.parse(request.uri()).orElse(null);
    if (target == null) {
      answer(context, bad -> refuse(bad, ProblemType.BAD_REQUEST, NOT_PLAIN));
      return;
    }
    if (cors.isQuestion(request)) {
      answer(context, cors::answer);
      return;
    }
    try {
      switch (destinations.of(request, target)) {
        case Destination.Door door -> approach(context, target, door);
        case Destination.OtherMethods(var methods) -> answer(context, methods::answerOther);
        case Destination.Nothing() -> answer(context, this::nothingHere);
      }
    } catch (ProblemException refused) {
      answer(context, bad -> Problems.answer(bad, refused));
    }
  }

  /** What nobody needs a credential for is charged to the address. */
  private void answer(RoutingContext context, Consumer<RoutingContext> answer) {
    admission
        .charge(context, Limits.USUAL)
        .map(charged -> {
          answer.accept(context);
          return true;
        })
        .onFailure(failure -> Problems.answer(context, failure));
  }

  private void approach(RoutingContext context, RequestTarget target, Destination.Door door) {
    var request = context.request();
    // Only for an upgrade is a ticket a credential, and from here on it is gone.
    var ticketed =
        door instanceof Destination.Service && isUpgrade(request)
            ? TicketedTarget.of(target)
            : new TicketedTarget(target, List.of());
    var identified =
        identify(
            request.headers(),
            ticketed.tickets(),
            door,
            () -> admission.look(context, door.limits()));
    admission
        .chargeUnlessKnown(context, door.limits(), identified)
        .compose(caller ->
            admission.charge(
                context,
                caller,
                door.limits(),
                doorkeeper.refusal(request, ticketed.rest(), door, caller.orElse(null))))
        .map(principal -> {
          admitted(context, ticketed.rest(), door, principal.orElse(null));
          return true;
        })
        .onFailure(failure -> Problems.answer(context, failure));
  }

  private Future<Optional<Principal>> identify(
      MultiMap headers,
      List<String> tickets,
      Destination.Door door,
      Supplier<Future<Void>> before) {
    if (door instanceof Destination.Service service && !service.identifies()) {
      return Future.succeededFuture(Optional.empty());
    }
    return tickets.isEmpty()
        ? authenticator.identify(headers, door.requirement() != Requirement.ANONYMOUS, before)
        : authenticator.redeem(headers, tickets, before);
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
      Destination.Door door,
      @Nullable Principal principal) {
    switch (door) {
      case Destination.Own own -> {
        count(context);
        own(context, principal);
      }
      case Destination.RemoteCalls(var service) -> {
        if (MediaTypes.isJson(context.request().headers())) {
          forward(context, Destination.RemoteCalls.TARGET, service, principal);
        } else {
          refuse(context, ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send application/json.");
        }
      }
      case Destination.Service service -> forward(context, target, service, principal);
    }
  }

  /**
   * A socket ends with its caller's session. Where there is no caller there can be none, and the
   * offer to upgrade is passed over, as RFC 9110, 7.8, allows.
   */
  private void forward(
      RoutingContext context,
      RequestTarget target,
      Destination.Service service,
      @Nullable Principal principal) {
    var request = context.request();
    if (principal != null && isUpgrade(request)) {
      var forwarded = HeaderRules.towardsPrivateSocket(request.headers());
      var call = call(context, target, service, principal, forwarded);
      principal.attachTo(context);
      sockets.open(context, service.binding(), call, principal.sessionId());
    } else {
      count(context);
      var forwarded = HeaderRules.towardsPrivate(request.headers());
      var call = call(context, target, service, principal, forwarded);
      long bodyBytesMax = target.path().equals(STREAMS) ? STREAM_BYTES_MAX : JSON_BYTES_MAX;
      new ProxiedCall(context, service.binding(), call, bodyBytesMax).start();
    }
  }

  private void own(RoutingContext context, @Nullable Principal principal) {
    if (principal != null) {
      principal.attachTo(context);
    }
    CollectedBody.collect(context, JSON_BYTES_MAX, OWN_BODY_WITHIN);
  }

  private BindingCall call(
      RoutingContext context,
      RequestTarget target,
      Destination.Service service,
      @Nullable Principal principal,
      MultiMap forwarded) {
    var request = context.request();
    return new BindingCall(
        request.method(),
        service.entrypoint() + target.text(),
        forwarded,
        principal == null ? null : principal.userId(),
        principal == null ? null : principal.rolesText(),
        principal == null ? null : principal.keyId(),
        Problems.requestId(context),
        ClientAddress.of(request, trustedHops),
        service.binding().timeout());
  }

  static boolean isUpgrade(HttpServerRequest request) {
    return request.method().equals(HttpMethod.GET)
        && request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)
        && HeaderRules.lists(request.headers(), HttpHeaders.CONNECTION, "upgrade");
  }

  private void nothingHere(RoutingContext context) {
    refuse(context, ProblemType.NOT_FOUND, "No such path.");
  }

  /**
   * What Quarkus or Vert.x refused by its status, some of it with a reason, such as a Host that is
   * none; or a defect.
   */
  private void failed(RoutingContext context) {
    boolean entered = Problems.hasBegun(context);
    if (!entered) {
      Problems.begin(context, ids.next().toString());
    }
    if (!entered && context.failure() == null) {
      // No route, not even the first, takes a target that does not begin with a slash.
      refuse(context, ProblemType.BAD_REQUEST, NOT_PLAIN);
    } else if (context.failure() == null || isRefusal(context.statusCode())) {
      Problems.answer(context, Problems.ofStatus(context.statusCode()));
    } else {
      Problems.answer(context, context.failure());
    }
  }

  private static boolean isRefusal(int status) {
    return status >= 400 && status < 500;
  }

  private static void refuse(RoutingContext context, ProblemType type, String detail) {
    Problems.answer(context, Problem.of(type, detail));
  }
}
