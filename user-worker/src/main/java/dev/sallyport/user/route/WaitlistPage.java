package dev.sallyport.user.route;

import dev.sallyport.user.platform.PageHeaders;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The page of a host that has nothing yet. The edge lets a request come here only where it belongs.
 * All it needs is in it; the policy names its style and its script by their hashes and allows
 * nothing else, so what somebody might smuggle in does not run. On event loops.
 */
@ApplicationScoped
public class WaitlistPage {
  /** Before Quarkus's own handlers, after the edge. */
  private static final int EARLY = -1;

  private static final String FILE = "waitlist.html";

  /** Read when it is first asked for, so that a start does not wait for it. */
  private volatile @Nullable Content content;

  /**
   * The page.
   *
   * @param policy what a browser may let it do
   */
  private record Content(Buffer bytes, String policy) {
    static Content read() {
      try (var in = WaitlistPage.class.getResourceAsStream(FILE)) {
        if (in == null) {
          throw new IllegalStateException(FILE + " is not among the resources of the routes");
        }
        var html = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return new Content(
            Buffer.buffer(html),
            "default-src 'none'; script-src '"
                + hash(html, "script")
                + "'; style-src '"
                + hash(html, "style")
                + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** CSP 3, 6.7.3.3: of what is between the tags, byte for byte. */
    private static String hash(String html, String element) {
      var begin = "<" + element + ">";
      int from = html.indexOf(begin) + begin.length();
      var within = html.substring(from, html.indexOf("</" + element + ">", from));
      try {
        var hash =
            MessageDigest.getInstance("SHA-256").digest(within.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has it", e);
      }
    }
  }

  void install(@Observes Router router) {
    for (var path : new String[] {"/", Routes.WAITLIST}) {
      router
          .route(path)
          .method(HttpMethod.GET)
          .method(HttpMethod.HEAD)
          .order(EARLY)
          .handler(this::serve);
    }
  }

  private Content content() {
    var known = content;
    if (known == null) {
      known = Content.read();
      content = known;
    }
    return known;
  }

  private void serve(RoutingContext context) {
    var page = content();
    var response = context.response();
    PageHeaders.put(response, page.policy());
    response.putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8");
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(page.bytes().length()));
    if (context.request().method().equals(HttpMethod.HEAD)) {
      response.end();
    } else {
      response.end(page.bytes());
    }
  }
}
