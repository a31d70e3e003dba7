package dev.sallyport.user.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Set;

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
  boolean permits(HttpServerRequest request, boolean upgrade, boolean byCookie) {
    if (SAFE.contains(request.method()) && !(upgrade && byCookie)) {
      return true;
    }
    var origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      return !byCookie;
    }
    return allowed.contains(origin) || isOwn(origin, request.getHeader(HttpHeaders.HOST));
  }

  /** Behind a gateway that ends TLS we see http where the page saw https: the host decides. */
  private static boolean isOwn(String origin, String host) {
    return origin.equals("https://" + host) || origin.equals("http://" + host);
  }
}
