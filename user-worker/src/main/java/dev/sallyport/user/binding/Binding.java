package dev.sallyport.user.binding;

import dev.sallyport.model.CallSigner;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One private service, ready to be called. Thread-safe; used on event loops.
 *
 * <p>Calls, streams and tunnels have a pool each, so that what holds a connection for long starves
 * no call: a stream goes at its client's pace, and a tunnel holds its connection for life.
 */
public final class Binding {
  /** How a call ended, for the counters. */
  public enum Outcome {
    SUCCEEDED,
    REFUSED,
    OVERLOADED,
    BROKEN,
    TIMED_OUT,
    /** The client went away first, which says nothing about the service. */
    ABANDONED
  }

  private final String name;
  private final BindingSettings.One settings;
  private final @Nullable CallSigner signer;
  private final @Nullable Owners owners;
  private final HttpClient calls;
  private final HttpClient streams;
  private final HttpClient tunnels;
  private final Map<Outcome, Timer> timers = new EnumMap<>(Outcome.class);

  /**
   * @param owners of actors and rooms; null for a service that has neither, whose 421 is an answer
   */
  Binding(
      String name,
      BindingSettings.One settings,
      @Nullable CallSigner signer,
      @Nullable Owners owners,
      HttpClientOptions tls,
      Vertx vertx,
      MeterRegistry metrics) {
    this.name = name;
    this.settings = settings;
    this.signer = signer;
    this.owners = owners;
    var options = options(settings, tls);
    this.calls =
        vertx.createHttpClient(
            new HttpClientOptions(options),
            new PoolOptions()
                .setHttp1MaxSize(settings.connectionsMax())
                .setMaxWaitQueueSize(settings.waitingMax()));
    this.streams =
        vertx.createHttpClient(
            new HttpClientOptions(options),
            new PoolOptions()
                .setHttp1MaxSize(settings.streamsMax())
                .setMaxWaitQueueSize(settings.waitingMax()));
    this.tunnels =
        vertx.createHttpClient(
            new HttpClientOptions(options),
            new PoolOptions().setHttp1MaxSize(settings.tunnelsMax()).setMaxWaitQueueSize(0));
    for (var outcome : Outcome.values()) {
      timers.put(
          outcome,
          Timer.builder("sallyport_binding_calls")
              .description("Calls to private services, by how they ended")
              .tag("binding", name)
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
  }

  private static HttpClientOptions options(BindingSettings.One settings, HttpClientOptions tls) {
    var url = settings.url();
    boolean secure = "https".equals(url.getScheme());
    int port = url.getPort() > 0 ? url.getPort() : (secure ? 443 : 80);
    return tls.setDefaultHost(url.getHost())
        .setDefaultPort(port)
        .setSsl(secure)
        .setVerifyHost(secure)
        .setConnectTimeout((int) settings.connectTimeout().toMillis())
        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
        .setTcpNoDelay(true);
  }

  /**
   * Shorter than the private worker's own, so that we are the one to hang up an idle connection.
   */
  private static final int KEEP_ALIVE_SECONDS = 60;

  public String name() {
    return name;
  }

  /** From the last byte of a request to the head of its answer. */
  public Duration timeout() {
    return settings.timeout();
  }

  /** How long a body may stand still, either way, before the call is given up. */
  public Duration silence() {
    return settings.silence();
  }

  /**
   * A signed request on a connection of the shared pool, its headers set, nothing sent yet. Fails
   * with what {@link BindingFailure#of} understands.
   */
  public Future<HttpClientRequest> open(BindingCall call) {
    return open(calls, call, null);
  }

  /** The same for a body that streams, at the pace of a client that may be slow. */
  public Future<HttpClientRequest> openStream(BindingCall call) {
    return open(streams, call, null);
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
    return send(calls, call, ask);
  }

  /** The same on a connection that will be this tunnel's own. */
  public Future<HttpClientResponse> sendTunnel(
      BindingCall call, Function<HttpClientRequest, Future<HttpClientResponse>> ask) {
    return send(tunnels, call, ask);
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

  /** Counts a call that ended this way after this long. */
  public void count(Outcome outcome, Duration took) {
    var timer = timers.get(outcome);
    if (timer != null) {
      timer.record(took);
    }
  }
}
