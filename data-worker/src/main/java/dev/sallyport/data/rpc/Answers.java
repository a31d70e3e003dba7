package dev.sallyport.data.rpc;

import com.fasterxml.jackson.core.JacksonException;
import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers of one request, whose results together have at most {@link
 * JsonRpc#RESULT_BYTES_MAX} bytes. Thread-safe.
 */
final class Answers {
  /** What a call gave is more than there is room for. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1;
  }

  private static final String BEGIN = "{\"jsonrpc\":\"" + JsonRpc.VERSION + "\",";

  private final RpcJson json;
  private final AtomicLong room = new AtomicLong(JsonRpc.RESULT_BYTES_MAX);

  Answers(RpcJson json) {
    this.json = json;
  }

  /**
   * An answer with a result.
   *
   * @throws TooLarge where there is no room for it
   * @throws JacksonException where it cannot be JSON
   */
  String result(String id, @Nullable Object result) throws IOException {
    return BEGIN + "\"result\":" + bounded(result) + ",\"id\":" + id + "}";
  }

  /**
   * An answer with an error.
   *
   * @throws TooLarge where there is no room for its data
   * @throws JacksonException where that cannot be JSON
   */
  String error(String id, RpcError error) throws IOException {
    var data = error.data();
    return fault(id, error.code(), error.message(), data == null ? null : bounded(data));
  }

  /**
   * An answer with an error.
   *
   * @param data JSON
   */
  String fault(String id, int code, String message, @Nullable String data) {
    return BEGIN
        + "\"error\":{\"code\":"
        + code
        + ",\"message\":"
        + quoted(message)
        + (data == null ? "" : ",\"data\":" + data)
        + "},\"id\":"
        + id
        + "}";
  }

  /** A text as JSON; half of a surrogate pair in it becomes a question mark. */
  String quoted(String text) {
    var out = new ByteArrayOutputStream();
    try {
      json.write(out, new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory", e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private String bounded(@Nullable Object value) throws IOException {
    var out = new Bounded(room.get());
    json.write(out, value);
    int size = out.bytes.size();
    if (room.addAndGet(-size) < 0) {
      room.addAndGet(size);
      throw new TooLarge();
    }
    return out.bytes.toString(StandardCharsets.UTF_8);
  }

  /** Stops whoever writes more, before it is in memory. Confined to one thread. */
  private static final class Bounded extends OutputStream {
    private final long bytesMax;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Bounded(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public void write(int b) throws IOException {
      check(1);
      bytes.write(b);
    }

    @Override
    public void write(byte[] more, int from, int length) throws IOException {
      check(length);
      bytes.write(more, from, length);
    }

    private void check(int more) throws IOException {
      if (bytes.size() + (long) more > bytesMax) {
        throw new TooLarge();
      }
    }
  }
}
