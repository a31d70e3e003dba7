package dev.sallyport.data.actor;

import dev.sallyport.data.actor.ActorMeters.Outcome;
import dev.sallyport.data.actor.Change.Settled;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.StoreFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Serves the calls and alarms of one actor, and commits what they did. Confined to one thread at a
 * time.
 */
final class Server<S> {
  private static final Logger LOG = Logger.getLogger(Server.class);

  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration AGAIN_MAX = Duration.ofMinutes(5);

  private final Address address;
  private final Behaviour<S> behaviour;
  private final long pk;
  private final long fence;
  private final Tools tools;
  private final Keeper<S> keeper;
  private final Consumer<Boolean> turns;

  /**
   * @param turns told when a turn begins, and when it has ended
   */
  Server(
      Address address,
      Behaviour<S> behaviour,
      long pk,
      long fence,
      Tools tools,
      Keeper<S> keeper,
      Consumer<Boolean> turns) {
    this.address = address;
    this.behaviour = behaviour;
    this.pk = pk;
    this.fence = fence;
    this.tools = tools;
    this.keeper = keeper;
    this.turns = turns;
  }

  /**
   * Serves these in order; each has its answer at the end.
   *
   * @param held whether this worker may still speak for the actor
   */
  void serve(List<Ask<S>> batch, BooleanSupplier held) throws Keeper.Lost {
    Known known;
    try {
      known = Known.of(pk, batch, tools.look());
    } catch (RuntimeException e) {
      batch.forEach(ask -> ask.fail(e));
      throw new Keeper.Lost(e);
    }
    var pending = new Pending<>(keeper.state());
    for (int i = 0; i < batch.size(); i++) {
      try {
        pending =
            switch (batch.get(i)) {
              case Ask.Call<S> call -> serve(call, known, pending, held);
              case Ask.Mail<S> mail -> serve(mail, known, pending, held);
              case Ask.Ring<S> ring -> serve(ring, pending, held);
            };
      } catch (Keeper.Lost lost) {
        batch.subList(i, batch.size()).forEach(ask -> ask.fail(lost.why()));
        throw lost;
      }
    }
    keeper.commit(pending, held);
  }

  /**
   * A call, however it came.
   *
   * @param teller what becomes of its reply, or of its failure
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  private record Work<S>(
      Behaviour.Method<S, ?> method,
      @Nullable Caller caller,
      byte[] body,
      Ask.@Nullable Key key,
      Teller<S> teller) {}

  /** Has somebody told once what was seen is committed. */
  private interface Teller<S> {
    void tell(Pending<S> pending, String reply, @Nullable RuntimeException failure);
  }

  private Pending<S> serve(Ask.Call<S> call, Known known, Pending<S> pending, BooleanSupplier held)
      throws Keeper.Lost {
    if (tools.ticker().nanos() - call.deadline() > 0 || !call.begun().compareAndSet(false, true)) {
      tools.meters().call(Outcome.LOST);
      call.fail(ActorError.late());
      return pending;
    }
    var work =
        new Work<S>(
            call.method(),
            call.caller(),
            call.body(),
            call.key(),
            (with, reply, failure) -> answer(with, call, reply, failure));
    return serve(work, known, pending, held);
  }

  private Pending<S> serve(Ask.Mail<S> mail, Known known, Pending<S> pending, BooleanSupplier held)
      throws Keeper.Lost {
    var row = known.take(mail.message());
    if (row == null) {
      // Served or given up before it was looked at here.
      mail.seen().accept(null);
      return pending;
    }
    if (row.deadline() != null && tools.ticker().nanos() - row.deadline() > 0) {
      settle(pending, mail, Settling.late(row));
      return pending;
    }
    var body = row.params().getBytes(StandardCharsets.UTF_8);
    var work =
        new Work<S>(
            mail.method(),
            null,
            body,
            Settling.key(row, mail.method().name(), body),
            (with, reply, failure) ->
                settle(
                    with,
                    mail,
                    failure == null
                        ? Settling.served(row, reply)
                        : Settling.failed(row, failure, tools.json())));
    return serve(work, known, pending, held);
  }

  private Pending<S> serve(Work<S> work, Known known, Pending<S> pending, BooleanSupplier held)
      throws Keeper.Lost {
    var key = work.key();
    if (key != null) {
      var before = known.reply(key.name());
      if (before != null) {
        boolean same = Arrays.equals(before.hash(), key.hash());
        work.teller().tell(pending, before.json(), same ? null : ActorError.otherContent());
        return pending;
      }
    }
    var turn = new Turn<>(address, work.caller(), behaviour, pending.state(), tools.clock());
    String reply;
    String kept;
    turns.accept(true);
    try {
      reply = tools.json().json(invoke(work.method(), turn, work.body()));
      kept = turn.isChanged() ? tools.json().json(turn.state()) : null;
    } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
      work.teller().tell(pending, "", Keeper.unchecked(e));
      return pending;
    } finally {
      endTurn();
    }
    var next = pending;
    if (!turn.along().isEmpty()) {
      keeper.commit(pending, held);
      next = new Pending<>(keeper.state());
    }
    next.add(turn, kept);
    if (key != null) {
      next.add(key.reply(reply));
    }
    work.teller().tell(next, reply, null);
    if (!turn.along().isEmpty()) {
      var failure = keeper.commitAlong(next, turn);
      next = new Pending<>(keeper.state());
      if (failure != null) {
        work.teller().tell(next, "", failure);
        return next;
      }
    }
    if (key != null) {
      // Committed, or with what comes: if that fails nobody of this batch is served any more.
      known.add(key.reply(reply));
    }
    return next;
  }

  @SuppressWarnings("NullAway") // for Void there is nothing else
  private <P> @Nullable Object invoke(Behaviour.Method<S, P> method, Turn<S> turn, byte[] body)
      throws Exception {
    return method.body().serve(turn, tools.json().params(body, method.params()));
  }

  /** Interrupted is who takes too long; that must not reach what comes after. */
  private void endTurn() {
    turns.accept(false);
    var _ = Thread.interrupted();
  }

  /** Answers once what was seen is committed. */
  private void answer(
      Pending<S> pending, Ask.Call<S> call, String reply, @Nullable RuntimeException refusal) {
    pending.afterwards(failure -> {
      if (failure != null) {
        tools.meters().call(Outcome.LOST);
        call.reply().completeExceptionally(failure);
      } else if (refusal != null) {
        tools.meters().call(refusal instanceof Refusal ? Outcome.REFUSED : Outcome.FAILED);
        call.reply().completeExceptionally(refusal);
      } else {
        tools.meters().call(Outcome.SERVED);
        call.reply().complete(reply);
      }
    });
  }

  /** Has the row go, or be tried again, in the commit of what was seen. */
  private void settle(Pending<S> pending, Ask.Mail<S> mail, Settled row) {
    pending.add(row);
    pending.afterwards(failure -> {
      if (failure == null) {
        tools.meters().message(row.outcome());
        switch (row.outcome()) {
          case DEAD ->
              LOG.warnf(
                  "message %d to %s of %s is given up: %s",
                  row.message(), mail.method().name(), address, row.told());
          case AGAIN ->
              LOG.infof(
                  "message %d to %s of %s failed and is tried again: %s",
                  row.message(), mail.method().name(), address, row.told());
          case SERVED, REFUSED, FAILED, LATE -> {}
        }
      }
      mail.seen().accept(failure);
    });
  }

  private Pending<S> serve(Ask.Ring<S> ring, Pending<S> pending, BooleanSupplier held)
      throws Keeper.Lost {
    // What was done before may have set it anew.
    keeper.commit(pending, held);
    var name = ring.alarm().name();
    try {
      var attempt = tools.alarms().attempt(pk, name);
      if (attempt.isPresent()) {
        ring(ring.alarm(), attempt.getAsInt(), held);
      }
    } catch (StoreFailure away) {
      // It is still due, and is found again.
      LOG.debugf("alarm %s of %s: %s", name, address, away.getMessage());
    } finally {
      ring.done().run();
    }
    return new Pending<>(keeper.state());
  }

  private void ring(Behaviour.Alarm<S> alarm, int attempt, BooleanSupplier held)
      throws Keeper.Lost {
    var turn = new Turn<>(address, null, behaviour, keeper.state(), tools.clock());
    turn.sleep(alarm.name());
    var next = new Pending<>(keeper.state());
    turns.accept(true);
    try {
      alarm.wake().wake(turn);
      next.add(turn, turn.isChanged() ? tools.json().json(turn.state()) : null);
    } catch (Exception e) {
      endTurn();
      failed(alarm, attempt, e);
      return;
    }
    endTurn();
    next.afterwards(
        failure -> tools.meters().ring(failure == null ? Outcome.SERVED : Outcome.LOST));
    if (turn.along().isEmpty()) {
      keeper.commit(next, held);
    } else {
      var failure = keeper.commitAlong(next, turn);
      if (failure != null) {
        failed(alarm, attempt, failure);
      }
    }
  }

  private void failed(Behaviour.Alarm<S> alarm, int attempt, Exception failure) {
    tools.meters().ring(Outcome.FAILED);
    LOG.warnf(failure, "alarm %s of %s failed and is tried again", alarm.name(), address);
    tools.alarms().later(pk, fence, alarm.name(), pause(attempt));
  }

  /** Twice as long each time. */
  static Duration pause(int attempt) {
    var pause = AGAIN_AFTER.multipliedBy(1L << Math.min(attempt, 20));
    return pause.compareTo(AGAIN_MAX) > 0 ? AGAIN_MAX : pause;
  }
}
