package dev.sallyport.user.demo;

import dev.sallyport.user.platform.Methods;
import dev.sallyport.user.platform.PageHeaders;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of the page, to everybody, with headers that let it load nothing from elsewhere, run
 * nothing written in between, and stand in nobody's frame. On event loops.
 */
@ApplicationScoped
public class DemoPages {
  /** Before Quarkus's own handlers, after the edge. */
  private static final int EARLY = -1;

  private static final Map<String, String> FILES =
      Map.of(
          "/demo/room", "room.html",
          "/demo/room.css", "room.css",
          "/demo/room.js", "room.js",
          "/demo/room-board.js", "room-board.js",
          "/demo/room-client.js", "room-client.js",
          "/demo/room-connection.js", "room-connection.js",
          "/demo/room-view.js", "room-view.js");

  /** An empty icon is a {@code data:} address: otherwise each visit would ask for a file. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Methods METHODS = Methods.of(HttpMethod.GET);

  /** Each is read when it is first asked for, so that a start does not wait for them. */
  private final ConcurrentHashMap<String, DemoFile> read = new ConcurrentHashMap<>();

  private final boolean enabled;

  @Inject
  DemoPages(DemoSettings settings) {
    this.enabled = settings.enabled();
  }

  void install(@Observes Router router) {
    if (enabled) {
      router.route("/demo/*").order(EARLY).handler(this::find);
    }
  }

  /** By the path as it was sent: the router takes a slash at the end for nothing. */
  private void find(RoutingContext context) {
    var file = FILES.get(context.request().path());
    if (file == null) {
      context.next();
    } else {
      serve(context, read.computeIfAbsent(file, DemoFile::read));
    }
  }

  private static void serve(RoutingContext context, DemoFile file) {
    var method = context.request().method();
    var response = context.response();
    if (!METHODS.take(method)) {
      METHODS.answerOther(context);
      return;
    }
    PageHeaders.put(response, CONTENT_SECURITY_POLICY);
    response.putHeader(HttpHeaders.ETAG, file.tag());
    if (file.isAmong(context.request().headers().getAll(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, file.type());
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(file.content().length()));
    if (method.equals(HttpMethod.HEAD)) {
      response.end();
    } else {
      response.end(file.content());
    }
  }
}
