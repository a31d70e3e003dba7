package dev.sallyport.user.route;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one text about routes that user-workers share, in Redis. Anybody who can write there may have
 * written it. Each call takes a second at the most. Thread-safe; does not block.
 */
@ApplicationScoped
class RouteScript {
  static final String KEY = "sallyport:routes";

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Of a longer text this much is read, which is then no text of ours. */
  private static final int LAST_BYTE = RouteFile.BYTES_MAX + 1024;

  /**
   * Writes ARGV[2] for ARGV[3] seconds if what is there is still ARGV[1], so that of two writers at
   * one moment the second sees what the first has written.
   */
  private static final String REPLACE =
      """
      local found = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[4])
      if type(found) ~= 'string' then found = '' end
      if found ~= ARGV[1] then return 0 end
      redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
      return 1
      """;

  private final Supplier<@Nullable Redis> redis;

  @Inject
  RouteScript(Instance<Redis> redis) {
    // Not looked up before it is needed: without an address there is no such bean.
    this(() -> redis.isResolvable() ? redis.get() : null);
  }

  /**
   * @param redis gives null where no address is configured
   */
  RouteScript(Supplier<@Nullable Redis> redis) {
    this.redis = redis;
  }

  /** What is there; empty for nothing. */
  Future<Buffer> read() {
    return send(Request.cmd(Command.GETRANGE).arg(KEY).arg(0).arg(LAST_BYTE))
        .map(answer -> answer == null ? Buffer.buffer() : answer.toBuffer())
        .recover(failure ->
            failure instanceof ErrorType said && said.is("WRONGTYPE")
                ? Future.succeededFuture(Buffer.buffer())
                : Future.failedFuture(failure));
  }

  /** Writes a text unless somebody else has written since {@code seen} was read. */
  Future<Void> replace(Buffer seen, String text) {
    return send(Request.cmd(Command.EVAL)
            .arg(REPLACE)
            .arg(1)
            .arg(KEY)
            .arg(seen)
            .arg(text)
            .arg(SharedRoutes.LASTS.toSeconds())
            .arg(LAST_BYTE))
        .mapEmpty();
  }

  private Future<@Nullable Response> send(Request request) {
    var client = redis.get();
    if (client == null) {
      return Future.failedFuture("quarkus.redis.hosts is not set");
    }
    return client.send(request).timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }
}
