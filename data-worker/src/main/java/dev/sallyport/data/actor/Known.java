package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Reply;
import dev.sallyport.data.actor.LookSql.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a batch is served: the rows that brought some of its calls, and the replies
 * that were given to their keys before. Read once the actor is ours, so that nobody else changes it
 * while our fence holds. Confined to the thread that serves.
 */
final class Known {
  private static final String LOOK = "a look-up";

  private final Map<Ask.Name, Reply> replies = new HashMap<>();
  private final Map<Long, Message> messages = new HashMap<>();

  private Known() {}

  /**
   * Looks for all that a batch needs. Blocks, unless that is nothing.
   *
   * @throws RuntimeException where it cannot be known
   */
  static <S> Known of(long pk, List<Ask<S>> batch, LookSql sql) {
    var known = new Known();
    var rows = new ArrayList<Long>();
    var keys = new ArrayList<Ask.Name>();
    for (var ask : batch) {
      switch (ask) {
        case Ask.Mail<S> mail -> rows.add(mail.message());
        case Ask.Call<S> call when call.key() != null -> keys.add(call.key().name());
        case Ask.Call<S> withoutKey -> {}
        case Ask.Ring<S> ring -> {}
      }
    }
    if (!rows.isEmpty()) {
      for (var row : Awaited.answer(sql.messages(new LookSql.Rows(pk, rows)), LOOK)) {
        known.messages.put(row.pk(), row);
        if (row.idempotencyKey() != null) {
          keys.add(new Ask.Name(Ask.Key.SYSTEM, row.idempotencyKey()));
        }
      }
    }
    if (!keys.isEmpty()) {
      Awaited.answer(sql.replies(new LookSql.Keys(pk, keys)), LOOK).forEach(known::add);
    }
    return known;
  }

  /** The reply that this key was given before; null for none. */
  @Nullable Reply reply(Ask.Name key) {
    return replies.get(key);
  }

  /** A reply that was given meanwhile. */
  void add(Reply reply) {
    replies.put(new Ask.Name(reply.principal(), reply.key()), reply);
  }

  /** A row that is still to be served, once; null where it is not. */
  @Nullable Message take(long message) {
    return messages.remove(message);
  }
}
