package dev.sallyport.user.binding;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;

/**
 * The connections to a private service. Calls, streams, tunnels and probes have a pool each, so
 * that what holds a connection for long starves no call: a stream goes at its client's pace, a
 * tunnel holds its connection for life, and a probe has to get through when calls do not.
 * Thread-safe.
 */
final class Connections {
  /**
   * Shorter than the private worker's own, so that we are the one to hang up an idle connection.
   */
  private static final int KEEP_ALIVE_SECONDS = 60;

  /** One for {@code /health}, one for the breaker, and what is left of one that was too late. */
  private static final int PROBES_MAX = 4;

  private final HttpClient calls;
  private final HttpClient streams;
  private final HttpClient tunnels;
  private final HttpClient probes;

  Connections(BindingSettings.One settings, HttpClientOptions tls, Vertx vertx) {
    var options = options(settings, tls);
    int waiting = settings.waitingMax();
    this.calls = client(vertx, options, settings.connectionsMax(), waiting);
    this.streams = client(vertx, options, settings.streamsMax(), waiting);
    this.tunnels = client(vertx, options, settings.tunnelsMax(), 0);
    this.probes = client(vertx, options, PROBES_MAX, 0);
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

  private static HttpClient client(
      Vertx vertx, HttpClientOptions options, int connectionsMax, int waitingMax) {
    return vertx.createHttpClient(
        new HttpClientOptions(options),
        new PoolOptions().setHttp1MaxSize(connectionsMax).setMaxWaitQueueSize(waitingMax));
  }

  /** For calls whose bodies are in hand. */
  HttpClient calls() {
    return calls;
  }

  /** For bodies that stream. */
  HttpClient streams() {
    return streams;
  }

  /** For upgrades, each of which keeps its connection. */
  HttpClient tunnels() {
    return tunnels;
  }

  /** For questions of our own. */
  HttpClient probes() {
    return probes;
  }
}
