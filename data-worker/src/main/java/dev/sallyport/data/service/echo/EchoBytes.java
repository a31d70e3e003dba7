package dev.sallyport.data.service.echo;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Problems;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Streams bytes, as many as {@link #BYTES_MAX}, in memory that does not depend on how many: what
 * the client does not read is not sent, and what is not sent back is not read. On the router rather
 * than a JAX-RS resource, which would gather the body first.
 *
 * <p>A client that sends all before it reads anything stops with its send buffers full, as it would
 * at any echo.
 */
@Singleton
class EchoBytes {
  static final String PATH = "/api/internal/echo/bytes";

  /** design.md, section 5. */
  static final long BYTES_MAX = 2L * 1024 * 1024 * 1024;

  private static final Pattern SIZE = Pattern.compile("\\d{1,10}");
  private static final String OCTETS = "application/octet-stream";
  private static final int CHUNK_BYTES = 32 * 1024;

  /** Not static: a buffer in a static field cannot be part of a native image. */
  private final Buffer chunk = chunk();

  void routes(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::give);
    router.route(HttpMethod.HEAD, PATH).handler(this::give);
    router.route(HttpMethod.POST, PATH).handler(this::giveBack);
    router.route(PATH).handler(rc -> Problems.methodNotAllowed(rc, "GET, HEAD, POST"));
  }

  /** The byte at offset n is n modulo 256. */
  private static Buffer chunk() {
    var bytes = new byte[CHUNK_BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return Buffer.buffer(bytes);
  }

  private void give(RoutingContext rc) {
    InternalCall.current().caller().user();
    long size = size(rc.request().getParam("size"));
    var response =
        rc.response()
            .putHeader(HttpHeaders.CONTENT_TYPE, OCTETS)
            .putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(size));
    if (rc.request().method().equals(HttpMethod.HEAD)) {
      response.end();
    } else {
      new Giving(response, chunk, size).go();
    }
  }

  private static long size(@Nullable String size) {
    if (size != null && SIZE.matcher(size).matches() && Long.parseLong(size) <= BYTES_MAX) {
      return Long.parseLong(size);
    }
    throw Refusal.of(
        Problem.invalid(List.of(new FieldError("size", "is a number from 0 to " + BYTES_MAX))));
  }

  /** One answer on its way. Confined to its connection's event loop. */
  private static final class Giving {
    private final HttpServerResponse response;
    private final Buffer chunk;
    private long left;

    Giving(HttpServerResponse response, Buffer chunk, long size) {
      this.response = response;
      this.chunk = chunk;
      this.left = size;
    }

    /** Writes until the client has to catch up; called again once it has. */
    void go() {
      response.drainHandler(drained -> go());
      while (left > 0 && !response.writeQueueFull() && !response.closed()) {
        int now = (int) Math.min(left, CHUNK_BYTES);
        left -= now;
        response.write(now == CHUNK_BYTES ? chunk : chunk.slice(0, now));
      }
      if (left == 0 && !response.ended()) {
        response.end();
      }
    }
  }

  private void giveBack(RoutingContext rc) {
    InternalCall.current().caller().user();
    var request = rc.request();
    var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && Long.parseLong(length) > BYTES_MAX) {
      Problems.send(
          rc, Problem.of(ProblemType.TOO_LARGE, "At most " + BYTES_MAX + " bytes are taken."));
      return;
    }
    var response = rc.response();
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      response.writeContinue();
    }
    var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    response.putHeader(HttpHeaders.CONTENT_TYPE, type == null ? OCTETS : type);
    if (length == null) {
      response.setChunked(true);
    } else {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, length);
    }
    new GivingBack(request, response).go();
  }

  /** One body on its way back. Confined to its connection's event loop. */
  private static final class GivingBack {
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private long seen;

    GivingBack(HttpServerRequest request, HttpServerResponse response) {
      this.request = request;
      this.response = response;
    }

    void go() {
      response.drainHandler(drained -> request.resume());
      request.handler(this::more).endHandler(end -> response.end()).resume();
    }

    private void more(Buffer bytes) {
      seen += bytes.length();
      if (seen > BYTES_MAX) {
        // The answer has begun, so the only refusal left is one that cannot look whole.
        request.connection().close();
        return;
      }
      response.write(bytes);
      if (response.writeQueueFull()) {
        request.pause();
      }
    }
  }
}
