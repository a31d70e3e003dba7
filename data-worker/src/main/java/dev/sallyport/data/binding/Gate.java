package dev.sallyport.data.binding;

import dev.sallyport.data.binding.Doorkeeper.Reason;
import dev.sallyport.data.binding.Doorkeeper.Verdict;
import dev.sallyport.model.CallSigner;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.model.UnderWay;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The one way in on the data port. It handles every request, upgrades too, before any other route:
 * what is not under {@code /api/internal/} is 404 whatever else may be deployed, and what {@link
 * Doorkeeper} does not admit is 401 and counted. A refused body is not read: the connection ends
 * with the answer.
 *
 * <p>Runs on the event loop; a check costs a few microseconds and no I/O.
 */
@Singleton
class Gate {
  static final String INSIDE = "/api/internal/";

  /** Before every route of Quarkus but the ones that only look (start time, access log). */
  private static final int BEFORE_EVERYTHING = Integer.MIN_VALUE + 1;

  private final Doorkeeper doorkeeper;
  private final ClockSkew skew;
  private final RequestIds ids;
  private final UnderWay underWay;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);

  @Inject
  Gate(
      GateSettings settings,
      Clock clock,
      ClockSkew skew,
      RequestIds ids,
      UnderWay underWay,
      MeterRegistry metrics) {
    this.doorkeeper = doorkeeper(settings, clock);
    this.skew = skew;
    this.ids = ids;
    this.underWay = underWay;
    for (var reason : Reason.values()) {
      refused.put(reason, counter(metrics, reason));
    }
  }

  /**
   * @throws ConfigurationException which ends the start with its sentence alone, no stack trace
   */
  private static Doorkeeper doorkeeper(GateSettings settings, Clock clock) {
    var name = settings.binding().name();
    return switch (settings.trust()) {
      case NETWORK -> new Doorkeeper(name, null);
      case SIGNED -> new Doorkeeper(name, new CallSigner(keys(settings), clock));
    };
  }

  private static SigningKeys keys(GateSettings settings) {
    var text =
        settings
            .signing()
            .keys()
            .orElseThrow(() ->
                new ConfigurationException(
                    "it believes signed calls only and has no key to check them with: set"
                        + " SALLYPORT_SIGNING_KEYS to the user-worker's (kid:secret), or"
                        + " SALLYPORT_TRUST=network to trust whoever can connect"));
    try {
      return SigningKeys.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("SALLYPORT_SIGNING_KEYS: " + e.getMessage());
    }
  }

  private static Counter counter(MeterRegistry metrics, Reason reason) {
    return Counter.builder("sallyport.binding.refused.calls")
        .description("Calls refused because they are not the user-worker's")
        .tag("reason", reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .register(metrics);
  }

  void stand(@Observes Router router) {
    router.route().order(BEFORE_EVERYTHING).handler(this::meet);
  }

  private void meet(RoutingContext rc) {
    if (!rc.normalizedPath().startsWith(INSIDE)) {
      turnAway(rc, Problem.of(ProblemType.NOT_FOUND, "Nothing is served at this path."));
      return;
    }
    var request = rc.request();
    var verdict =
        doorkeeper.decide(request.method().name(), request.uri(), request.headers(), ids::next);
    switch (verdict) {
      case Verdict.Admit(var call) -> {
        call.enter();
        follow(rc);
        rc.next();
      }
      case Verdict.Refuse(var reason) -> {
        count(reason);
        turnAway(
            rc, Problem.of(ProblemType.BAD_SIGNATURE, "Only the user-worker's calls are served."));
      }
      case Verdict.Skewed(var behind) -> {
        count(Reason.CLOCK_SKEW);
        skew.refused(behind);
        turnAway(
            rc,
            Problem.of(
                ProblemType.CLOCK_SKEW,
                "The call is signed "
                    + Math.abs(behind.toSeconds())
                    + " s "
                    + (behind.isNegative() ? "ahead of" : "behind")
                    + " this worker's clock; "
                    + CallSigner.TOLERANCE.toSeconds()
                    + " s are tolerated."));
      }
    }
  }

  /** Knows when a call is done. An upgrade never is: {@link Sockets} follows what becomes of it. */
  private void follow(RoutingContext rc) {
    if (rc.request().headers().contains(HttpHeaders.UPGRADE)) {
      return;
    }
    underWay.begin();
    if (underWay.isLeaving()) {
      rc.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    rc.addEndHandler(done -> {
      underWay.end();
      if (underWay.isLeaving()) {
        rc.request().connection().close();
      }
    });
  }

  private void turnAway(RoutingContext rc, Problem problem) {
    Problems.send(rc, problem, ids.of(rc.request()), Problems.Body.UNREAD);
  }

  private void count(Reason reason) {
    var counter = refused.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }
}
