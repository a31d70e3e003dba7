package dev.sallyport.user.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a client's request on its way in: collected whole, or streamed on under
 * back-pressure. Confined to the event loop of the client's connection.
 */
final class ClientBody {
  private final HttpServerRequest client;
  private final long bytesMax;
  private final Patience patience;
  private final @Nullable String length;
  private @Nullable Buffer collected;
  private long bytes;
  private boolean over;

  /**
   * @param patience told whenever something has moved
   */
  ClientBody(HttpServerRequest client, long bytesMax, Patience patience) {
    this.client = client;
    this.bytesMax = bytesMax;
    this.patience = patience;
    this.length = client.getHeader(HttpHeaders.CONTENT_LENGTH);
  }

  /** Whether there may be one at all. */
  boolean isThere() {
    return length != null || client.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  /** How long it says it is; negative where it does not say. */
  long announced() {
    return length == null ? -1 : Long.parseLong(length);
  }

  /** Whether the client waits to be told that it may send. */
  boolean isAwaited() {
    return "100-continue".equalsIgnoreCase(client.getHeader(HttpHeaders.EXPECT));
  }

  /** Gives it once it is there whole, unless {@link #stop} came first. */
  void collect(Consumer<Buffer> whole, Runnable tooLarge) {
    client.handler(piece -> {
      if (isWelcome(piece, tooLarge)) {
        collected = (collected == null ? Buffer.buffer() : collected).appendBuffer(piece);
      }
    });
    client.endHandler(last -> {
      if (!over) {
        whole.accept(takeCollected());
      }
    });
    client.resume();
  }

  /** Gives it away: the request lives as long as its answer, which may be a stream for hours. */
  private Buffer takeCollected() {
    var taken = collected == null ? Buffer.buffer() : collected;
    collected = null;
    return taken;
  }

  /** The length that a request with this body has, or that it comes in chunks. */
  void announceTo(HttpClientRequest out) {
    if (length == null) {
      out.setChunked(true);
    } else {
      out.putHeader(HttpHeaders.CONTENT_LENGTH, length);
    }
  }

  /** Writes each piece as it comes; a full writer stops the reader. */
  void stream(HttpClientRequest out, Runnable sent, Runnable tooLarge) {
    client.handler(piece -> {
      if (isWelcome(piece, tooLarge)) {
        out.write(piece);
        if (out.writeQueueFull()) {
          client.pause();
          out.drainHandler(drained -> {
            patience.moved();
            client.resume();
          });
        }
      }
    });
    client.endHandler(last -> {
      if (!over) {
        out.end();
        sent.run();
      }
    });
    client.resume();
  }

  private boolean isWelcome(Buffer piece, Runnable tooLarge) {
    patience.moved();
    bytes += piece.length();
    if (bytes > bytesMax && !over) {
      stop();
      tooLarge.run();
    }
    return !over;
  }

  /** What still comes of it belongs to nobody. */
  void stop() {
    over = true;
  }
}
