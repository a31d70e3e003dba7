package dev.sallyport.user.kv;

import dev.sallyport.model.SharedEntry;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.ResponseType;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Reads shared values from Redis. Thread-safe; does not block. */
@ApplicationScoped
class KvScript {
  private static final Logger LOG = Logger.getLogger(KvScript.class);

  private final Supplier<@Nullable Redis> redis;

  @Inject
  KvScript(Instance<Redis> redis) {
    // Not looked up before it is needed: without an address there is no such bean.
    this(() -> redis.isResolvable() ? redis.get() : null);
  }

  /**
   * Reads with this client.
   *
   * @param redis gives null where no address is configured
   */
  KvScript(Supplier<@Nullable Redis> redis) {
    this.redis = redis;
  }

  /** Makes a first connection, so that the first reader need not; nobody waits for it. */
  void start(@Observes StartupEvent start) {
    var client = redis.get();
    if (client != null) {
      client
          .send(Request.cmd(Command.PING))
          .onFailure(failure -> LOG.debugf("Redis is not there yet: %s", failure.getMessage()));
    }
  }

  /**
   * What Redis has; what is no entry counts as nothing. Fails where it did not answer in time.
   *
   * @param within the bound
   */
  Future<Optional<SharedEntry>> get(String space, String key, Duration within) {
    var client = redis.get();
    if (client == null) {
      return Future.failedFuture("quarkus.redis.hosts is not set");
    }
    return client
        .send(Request.cmd(Command.GET).arg(SharedEntry.redisKey(space, key)))
        .timeout(within.toMillis(), TimeUnit.MILLISECONDS)
        .map(answer ->
            answer == null || answer.type() == ResponseType.MULTI
                ? Optional.<SharedEntry>empty()
                : SharedEntry.parse(answer.toString()))
        .recover(failure ->
            failure instanceof ErrorType said && said.is("WRONGTYPE")
                ? Future.succeededFuture(Optional.empty())
                : Future.failedFuture(failure));
  }
}
