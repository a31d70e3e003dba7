package dev.sallyport.user.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other sites' pages from acting with a visitor's session: a state-changing request whose
 * {@code Origin} is there and not allowed is refused; where the browser itself attached the
 * credential, a missing one is refused too, and upgrades count as state-changing. Immutable.
 */
final class OriginRule {
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE);

  private final Set<String> allowed;

  OriginRule(List<String> allowed) {
    this.allowed = Set.copyOf(allowed);
  }

  /**
   * @param upgrade whether this opens a WebSocket, which no browser asks permission for
   * @param byCookie whether the credential is a cookie
   */
  boolean permits(HttpMethod method, MultiMap headers, boolean upgrade, boolean byCookie) {
    if (SAFE.contains(method) && !(upgrade && byCookie)) {
      return true;
    }
    var origins = headers.getAll(HttpHeaders.ORIGIN);
    if (origins.isEmpty()) {
      return !byCookie;
    }
    var host = headers.get(HttpHeaders.HOST);
    return origins.stream().allMatch(origin -> allowed.contains(origin) || isOwn(origin, host));
  }

  /** Behind a gateway that ends TLS we see http where the page saw https: the host decides. */
  private static boolean isOwn(String origin, @Nullable String host) {
    return host != null && (origin.equals("https://" + host) || origin.equals("http://" + host));
  }
}
