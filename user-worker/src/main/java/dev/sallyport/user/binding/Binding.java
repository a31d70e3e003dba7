package dev.sallyport.user.binding;

import dev.sallyport.model.CallSigner;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One private service, ready to be called. Thread-safe; used on event loops.
 *
 * <p>Each call at an address passes that address's breaker, and is one of a bounded number that
 * wait for the head of an answer.
 */
public final class Binding {
  private static final Logger LOG = Logger.getLogger(Binding.class);

  /** No account's id: those are UUIDs. */
  private static final String PROBE_USER = "health-probe";

  /** How a call ended, for the counters. */
  public enum Outcome {
    /** It was answered, whatever the answer. */
    SUCCEEDED,
    REFUSED,
    OVERLOADED,
    BROKEN,
    TIMED_OUT,
    /** It was not made, since calls before it failed. */
    BREAKER_OPEN,
    /** The client went away first, which says nothing about the service. */
    ABANDONED
  }

  /**
   * What every binding needs.
   *
   * @param signer null where whoever can connect is trusted
   */
  record Surroundings(
      @Nullable CallSigner signer,
      CallTrail trail,
      Ticker ticker,
      RandomGenerator random,
      MeterRegistry metrics) {}

  private final String name;
  private final BindingSettings.One settings;
  private final @Nullable CallSigner signer;
  private final @Nullable Owners owners;
  private final @Nullable Fallback fallback;
  private final Connections connections;
  private final CallTrail trail;
  private final Breakers breakers;
  private final Retries retries;
  private final AtomicInteger waiting = new AtomicInteger();
  private final BindingMeters meters;

  /**
   * @param owners of actors and rooms; null for a service that has neither, whose 421 is an answer
   * @param fallback who answers when it cannot; null where nobody does
   */
  Binding(
      String name,
      BindingSettings.One settings,
      @Nullable Owners owners,
      @Nullable Fallback fallback,
      Connections connections,
      Surroundings around) {
    this.name = name;
    this.settings = settings;
    this.signer = around.signer();
    this.owners = owners;
    this.fallback = fallback;
    this.connections = connections;
    this.trail = around.trail();
    var metrics = around.metrics();
    this.breakers =
        new Breakers(
            name, BreakerRules.of(settings.breaker()), around.ticker(), this::probe, metrics);
    this.retries =
        new Retries(name, settings.retries(), settings.retryPercent(), around.random(), metrics);
    this.meters = new BindingMeters(name, waiting, metrics);
  }

  public String name() {
    return name;
  }

  /** What comes before the path of a routed request; empty, or begins with a slash. */
  public String entrypoint() {
    return settings.entrypoint().orElse("");
  }

  /** From the last byte of a request to the head of its answer. */
  public Duration timeout() {
    return settings.timeout();
  }

  /** How long a body may stand still, either way, before the call is given up. */
  public Duration silence() {
    return settings.silence();
  }

  /** How many calls wait for the head of an answer now. */
  int waiting() {
    return waiting.get();
  }

  Breakers breakers() {
    return breakers;
  }

  /**
   * A signed request on a connection of the shared pool, its headers set, nothing sent yet. Fails
   * with what {@link BindingFailure#of} understands.
   */
  public Future<HttpClientRequest> open(BindingCall call) {
    return open(connections.calls(), call, null);
  }

  /** The same for a body that streams, at the pace of a client that may be slow. */
  public Future<HttpClientRequest> openStream(BindingCall call) {
    return open(connections.streams(), call, null);
  }

  /**
   * Whether this call is for something that one worker owns, so that it may have to be sent twice.
   */
  public boolean isOwned(BindingCall call) {
    return owners != null && Owners.thing(call.target()).isPresent();
  }

  /**
   * Opens a connection of the shared pool, asks, and gives the head of the answer. A call that
   * {@link #isOwned} may be asked more than once, each time signed anew on another connection, and
   * is never answered 421. Fails with what {@link BindingFailure#of} understands.
   *
   * @param ask sends all there is to send, every time it is called; what it was called with before
   *     is then not its own any more
   */
  public Future<HttpClientResponse> send(
      BindingCall call, Function<HttpClientRequest, Future<HttpClientResponse>> ask) {
    return send(connections.calls(), call, ask);
  }

  /** The same on a connection that will be this tunnel's own. */
  public Future<HttpClientResponse> sendTunnel(
      BindingCall call, Function<HttpClientRequest, Future<HttpClientResponse>> ask) {
    return send(connections.tunnels(), call, ask);
  }

  private Future<HttpClientResponse> send(
      HttpClient client,
      BindingCall call,
      Function<HttpClientRequest, Future<HttpClientResponse>> ask) {
    var thing = owners == null ? null : Owners.thing(call.target()).orElse(null);
    return owners == null || thing == null
        ? open(client, call, null).compose(ask)
        : new OwnedCall(owners, thing, call, (one, at) -> open(client, one, at), ask).send();
  }

  private Future<HttpClientRequest> open(
      HttpClient client, BindingCall call, @Nullable WorkerAddress at) {
    // What opens a socket has a bound of its own, which many may reach at once after a restart.
    boolean counts = !client.equals(connections.tunnels());
    if (counts && waiting.incrementAndGet() > settings.callsMax()) {
      waiting.decrementAndGet();
      return Future.failedFuture(BindingFailure.tooMany());
    }
    Runnable over = counts ? waiting::decrementAndGet : () -> {};
    var breaker = breakers.of(at);
    var pass = breaker.enter();
    if (pass.isEmpty()) {
      over.run();
      return Future.failedFuture(BindingFailure.stopped());
    }
    var attempt = new Attempt(breakers, breaker, pass.get(), at, over);
    try {
      return request(client, call, at).onComplete(attempt::opened);
    } catch (RuntimeException defect) {
      attempt.dropped();
      return Future.failedFuture(defect);
    }
  }

  private Future<HttpClientRequest> request(
      HttpClient client, BindingCall call, @Nullable WorkerAddress at) {
    var signature = signer == null ? null : signer.sign(call.toSign(name));
    var options =
        new RequestOptions()
            .setMethod(call.method())
            .setURI(call.target())
            .setHeaders(call.headersUnder(signature));
    if (at != null) {
      options.setHost(at.host()).setPort(at.port());
    }
    return client.request(options);
  }

  /**
   * Gives up a request whose answer did not begin in time. One that is reset otherwise counts as
   * its client's doing.
   */
  public static void giveUp(HttpClientRequest request) {
    Attempt.giveUp(request);
  }

  /** Asks it how it is, past its breaker. Gives the status; fails where there is no answer. */
  Future<Integer> probe(@Nullable WorkerAddress at, Duration within) {
    var call =
        new BindingCall(
            HttpMethod.GET,
            settings.healthPath(),
            HttpHeaders.headers(),
            PROBE_USER,
            "",
            null,
            PROBE_USER,
            "127.0.0.1",
            within);
    // Not called straight: it throws where a start that failed has closed the client already.
    return Future.succeededFuture()
        .compose(begun -> request(connections.probes(), call, at))
        .compose(request -> {
          request.idleTimeout(within.toMillis());
          return request.send();
        })
        .compose(response -> response.body().map(body -> response.statusCode()));
  }

  /** Who decides whether this binding's calls are made again. */
  public Retry retry(BindingCall call) {
    return new Retry(retries, call);
  }

  /** What to answer instead of this failure, where there is somebody who knows. */
  public Optional<Fallback.Answer> insteadOf(BindingCall call, BindingFailure failure) {
    if (fallback == null) {
      return Optional.empty();
    }
    try {
      var answer = fallback.answer(call, failure);
      answer.ifPresent(found -> meters.fellBack());
      return answer;
    } catch (RuntimeException defect) {
      LOG.errorf(defect, "request %s: the fallback of %s failed", call.requestId(), name);
      return Optional.empty();
    }
  }

  /**
   * Counts a call that ended this way after this long, and puts it on the trail. Once for each
   * call, however often it was made.
   *
   * @param status what the client was answered; 0 where it was gone
   */
  public void ended(BindingCall call, Outcome outcome, int status, Duration took) {
    meters.ended(outcome, took);
    retries.earn();
    trail.ended(
        new EndedCall(
            call.requestId(),
            name,
            call.userId(),
            call.keyId(),
            call.method().name(),
            call.path(),
            outcome,
            status,
            took));
  }
}
