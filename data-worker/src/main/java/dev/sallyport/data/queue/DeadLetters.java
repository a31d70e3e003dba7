package dev.sallyport.data.queue;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.queue.Operators.Operated;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a person does with dead letters. Thread-safe; blocks for little longer than {@link
 * #TIME_MAX}.
 */
@Singleton
class DeadLetters {
  /** The edge gives a call 10 s. */
  static final Duration TIME_MAX = Duration.ofSeconds(6);

  static final double PER_SECOND_MIN = 0.01;
  static final double PER_SECOND_MAX = 100_000;

  private static final double MICROS = 1_000_000;
  private static final Logger LOG = Logger.getLogger(DeadLetters.class);

  private final DeadSql sql;
  private final DeadListSql list;
  private final QueueSql queues;
  private final ShownBody bodies;
  private final Ticker ticker;

  @Inject
  DeadLetters(DeadSql sql, DeadListSql list, QueueSql queues, ShownBody bodies, Ticker ticker) {
    this.sql = sql;
    this.list = list;
    this.queues = queues;
    this.bodies = bodies;
    this.ticker = ticker;
  }

  /**
   * A dead letter as operators see it.
   *
   * @param letter its name here
   * @param id what its sender calls it
   * @param deadAt when it died
   * @param body as it was sent; left out in lists
   */
  public record View(
      String letter,
      String id,
      String sender,
      @Nullable String key,
      @Nullable String reason,
      int attempts,
      Instant sentAt,
      Instant deadAt,
      @JsonRawValue @Nullable String body) {}

  /**
   * Some letters, the newest first.
   *
   * @param next the cursor of the next page; null at the end
   */
  public record Page(List<View> items, @Nullable String next) {}

  Page page(Operated queue, DeadRequest request, @Nullable String cursor, int limit) {
    var from = cursor == null ? Position.END : Position.parse(cursor);
    var found = list.newest(queue.row(), from, filter(queue, request), limit);
    var end = found.end();
    return new Page(
        found.letters().stream().map(this::view).toList(), end == null ? null : end.cursor());
  }

  /**
   * One letter with its body.
   *
   * @param name its name here, or the id that its sender gave it: the newest of these then
   * @throws Refusal 404
   */
  View find(Operated queue, String name) {
    return byLetter(queue, name)
        .or(() -> byId(queue, name))
        .map(this::view)
        .orElseThrow(() -> Refusal.of(ProblemType.NOT_FOUND, "There is no such dead letter."));
  }

  private Optional<DeadListSql.Letter> byLetter(Operated queue, String name) {
    var pk = LetterName.parse(name);
    return pk.isEmpty() ? Optional.empty() : list.find(queue.row(), pk.getAsLong());
  }

  private Optional<DeadListSql.Letter> byId(Operated queue, String id) {
    return id.indexOf('\0') >= 0
        ? Optional.empty()
        : list.named(queue.row(), List.of(id), 1).stream()
            .findFirst()
            .flatMap(pk -> list.find(queue.row(), pk));
  }

  private View view(DeadListSql.Letter letter) {
    var body = letter.body();
    return new View(
        LetterName.of(letter.position().pk()),
        letter.id(),
        letter.sender(),
        letter.key(),
        letter.reason(),
        letter.attempts(),
        letter.sentAt(),
        letter.position().at(),
        body == null ? null : bodies.of(body));
  }

  /**
   * What was brought back.
   *
   * @param more whether there may be others: call again
   */
  public record Redriven(long redriven, boolean more) {}

  /** Brings back those that died before this call; they are attempted as often as at first. */
  Redriven redrive(Operated queue, DeadRequest request) {
    var base = sql.now();
    double gap = request.perSecond() == null ? 0 : MICROS / request.perSecond();
    var filter = filter(queue, request).before(base);
    var done =
        eachStep(
            request.most(),
            (from, max, nth) ->
                sql.redrive(queue.row(), from, filter, max, new DeadSql.Pace(base, nth, gap)));
    if (done.changed() > 0) {
      queues.tell();
      LOG.infof("%d dead letters of queue %s were brought back", done.changed(), queue.name());
    }
    return new Redriven(done.changed(), done.more());
  }

  /**
   * What was removed.
   *
   * @param more whether there may be others: call again
   */
  public record Purged(long purged, boolean more) {}

  /** Removes those that died before this call. */
  Purged purge(Operated queue, DeadRequest request) {
    var filter = filter(queue, request).before(sql.now());
    var done =
        eachStep(request.most(), (from, max, nth) -> sql.purge(queue.row(), from, filter, max));
    if (done.changed() > 0) {
      LOG.infof("%d dead letters of queue %s were removed", done.changed(), queue.name());
    }
    return new Purged(done.changed(), done.more());
  }

  private interface Step {
    DeadSql.Step take(Position from, int max, long before);
  }

  private record Done(long changed, boolean more) {}

  private Done eachStep(long most, Step step) {
    long began = ticker.nanos();
    long changed = 0;
    long found = 0;
    Position from = Position.BEGIN;
    while (ticker.nanos() - began < TIME_MAX.toNanos()) {
      int max = (int) Math.min(DeadSql.STEP_MAX, most - found);
      var done = step.take(from, max, found);
      changed += done.changed();
      found += done.found();
      var end = done.end();
      if (found >= most) {
        return new Done(changed, true);
      }
      if (end == null) {
        return new Done(changed, false);
      }
      from = end;
    }
    return new Done(changed, true);
  }

  private DeadFilter filter(Operated queue, DeadRequest request) {
    var filter = request.filter();
    if (request.ids() == null && request.letters() == null) {
      return filter;
    }
    var pks = new ArrayList<Long>();
    if (request.letters() != null) {
      request.letters().stream()
          .map(LetterName::parse)
          .filter(OptionalLong::isPresent)
          .forEach(pk -> pks.add(pk.getAsLong()));
    }
    if (request.ids() != null) {
      pks.addAll(list.named(queue.row(), request.ids(), DeadSql.STEP_MAX - pks.size()));
    }
    return filter.of(pks);
  }
}
