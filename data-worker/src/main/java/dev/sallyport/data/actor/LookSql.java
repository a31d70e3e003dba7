package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Reply;
import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Ticker;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What actors have to know before they serve: which keys were answered, and which rows are still
 * there. Those who ask at one moment share a statement. Asked by whoever holds the actor: nobody
 * else can change the answer while its fence holds. Thread-safe, does not block.
 */
@Singleton
class LookSql {
  private static final int BATCH_MAX = 256;
  private static final int QUEUE_MAX = 10_000;

  private static final String REPLIES =
      """
      SELECT reply.actor, reply.principal, reply.key, reply.hash, reply.reply
        FROM unnest($1::bigint[], $2::text[], $3::text[]) AS asked(actor, principal, key)
        JOIN actor.reply USING (actor, principal, key)
        WHERE keep_until > clock_timestamp()\
      """;

  private static final String MESSAGES =
      """
      SELECT pk, params, idempotency_key, caller, ticket, attempt,
          extract(epoch FROM deadline_at - clock_timestamp())::float8
        FROM actor.message WHERE pk = ANY($1) AND dead_at IS NULL\
      """;

  /** Keys that one actor is asked with. */
  record Keys(long actor, List<Ask.Name> names) {}

  /** Rows of one actor. */
  record Rows(long actor, List<Long> messages) {}

  /**
   * A row that is there.
   *
   * @param caller who waits for the answer; null for nobody
   * @param attempt how often it failed
   * @param deadline by the ticker, when it must not be begun any more; null for never
   */
  record Message(
      long pk,
      String params,
      @Nullable String idempotencyKey,
      @Nullable Long caller,
      @Nullable Long ticket,
      int attempt,
      @Nullable Long deadline) {}

  private final Postgres postgres;
  private final Ticker ticker;
  private final GroupCommit<Keys, List<Reply>> replies;
  private final GroupCommit<Rows, List<Message>> messages;

  @Inject
  LookSql(Vertx vertx, Postgres postgres, Ticker ticker, MeterRegistry metrics) {
    this.postgres = postgres;
    this.ticker = ticker;
    this.replies =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::allReplies,
            failure -> failure instanceof StatementRefused,
            Keys::actor,
            sizes("keys", metrics),
            BATCH_MAX,
            QUEUE_MAX,
            asked -> ActorError.overloaded());
    this.messages =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::allMessages,
            failure -> failure instanceof StatementRefused,
            Rows::actor,
            sizes("rows", metrics),
            BATCH_MAX,
            QUEUE_MAX,
            asked -> ActorError.overloaded());
  }

  private static DistributionSummary sizes(String of, MeterRegistry metrics) {
    return DistributionSummary.builder("sallyport.actor.look.actors")
        .description("Actors whose keys or rows were looked up in one statement")
        .tag("of", of)
        .register(metrics);
  }

  /** What these were answered before, as far as they were. */
  CompletionStage<List<Reply>> replies(Keys asked) {
    return replies.write(asked);
  }

  /** Those of these that are still to be served. */
  CompletionStage<List<Message>> messages(Rows asked) {
    return messages.write(asked);
  }

  private Future<List<List<Reply>>> allReplies(List<Keys> all) {
    var actors = new ArrayList<Long>();
    var principals = new ArrayList<String>();
    var keys = new ArrayList<String>();
    for (var asked : all) {
      for (var name : asked.names()) {
        actors.add(asked.actor());
        principals.add(name.principal());
        keys.add(name.value());
      }
    }
    return postgres
        .execute(
            REPLIES,
            Tuple.of(
                actors.toArray(Long[]::new),
                principals.toArray(String[]::new),
                keys.toArray(String[]::new)))
        .map(rows -> {
          var found = new HashMap<Long, List<Reply>>();
          for (var row : rows) {
            found
                .computeIfAbsent(row.getLong(0), first -> new ArrayList<>())
                .add(
                    new Reply(
                        row.getString(1),
                        row.getString(2),
                        row.getBuffer(3).getBytes(),
                        row.getString(4)));
          }
          return all.stream().map(asked -> found.getOrDefault(asked.actor(), List.of())).toList();
        });
  }

  private Future<List<List<Message>>> allMessages(List<Rows> all) {
    // From before it was asked: what is left is never counted too long.
    long asked = ticker.nanos();
    var pks = all.stream().flatMap(one -> one.messages().stream()).toArray(Long[]::new);
    return postgres
        .execute(MESSAGES, Tuple.of(pks))
        .map(rows -> {
          var found = new HashMap<Long, Message>();
          for (var row : rows) {
            var left = row.getDouble(6);
            found.put(
                row.getLong(0),
                new Message(
                    row.getLong(0),
                    row.getString(1),
                    row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getInteger(5),
                    left == null
                        ? null
                        : asked + Duration.ofMillis((long) (left * 1e3)).toNanos()));
          }
          return all.stream()
              .map(one ->
                  one.messages().stream().map(found::get).filter(row -> row != null).toList())
              .toList();
        });
  }
}
