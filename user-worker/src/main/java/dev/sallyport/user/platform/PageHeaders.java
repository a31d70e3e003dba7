package dev.sallyport.user.platform;

import io.vertx.core.http.HttpServerResponse;
import java.util.Map;

/** What a browser is told about every page of ours, whatever is on it. */
public final class PageHeaders {
  private static final Map<String, String> HEADERS =
      Map.of(
          "Cache-Control", "no-cache",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Referrer-Policy", "no-referrer",
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY");

  private PageHeaders() {}

  /**
   * Lets a page stand in nobody's frame, tell nobody where it came from, and load what it may.
   *
   * @param contentSecurityPolicy what it may load and run
   */
  public static void put(HttpServerResponse response, String contentSecurityPolicy) {
    HEADERS.forEach(response::putHeader);
    response.putHeader("Content-Security-Policy", contentSecurityPolicy);
  }
}
