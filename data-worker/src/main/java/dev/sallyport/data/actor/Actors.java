package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Settled.Outcome;
import dev.sallyport.data.actor.MessageSql.Put;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Tx;
import io.vertx.core.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Calls actors from services and workflows, wherever they live. What an actor of this worker is
 * asked goes into its mailbox; what another worker's is asked travels as a row. Every method can be
 * called, those that are closed over HTTP too, and {@link Turn#caller} is empty. Thread-safe;
 * blocks, so it is for virtual threads.
 */
@Singleton
public class Actors {
  /** How long a call without a time of its own may take. */
  public static final Duration WITHIN = Duration.ofSeconds(10);

  /** The longest time that a call can be given. */
  public static final Duration WITHIN_MAX = Duration.ofMinutes(2);

  /** Until one that met a move is tried again. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final ActorRegistry registry;
  private final Directory directory;
  private final MessageSql messages;
  private final Answers answers;
  private final ActorJson json;
  private final Ticker ticker;

  @Inject
  Actors(
      ActorRegistry registry,
      Directory directory,
      MessageSql messages,
      Answers answers,
      ActorJson json,
      Ticker ticker) {
    this.registry = registry;
    this.directory = directory;
    this.messages = messages;
    this.answers = answers;
    this.json = json;
    this.ticker = ticker;
  }

  /**
   * Has an actor called once the transaction has committed, and never if it does not: exactly once,
   * since what the method does is committed with the end of the row that this leaves. Those of one
   * transaction to one actor are served in their order, but for one that fails: it is tried ten
   * times in all, after 1 s, 2 s, 4 s and so on, and others go before it. What the method refuses
   * with a problem that is not retryable is not tried again. Given up, it stays where people see it
   * for 30 days.
   *
   * @param params becomes JSON; null for a method without
   * @throws IllegalArgumentException where there is no such method, or no actor can have that key
   * @throws Refusal 413 where it brings more than 1 MiB
   */
  public void send(Tx tx, String type, String key, String method, @Nullable Object params) {
    var to = to(type, key, method);
    messages.put(tx, new Put(to.address(), method, body(params), null, null, pick(to.address())));
  }

  /** {@link #call(String, String, String, Object, Class, String, Duration)} without a key. */
  public <R> R call(
      String type, String key, String method, @Nullable Object params, Class<R> reply) {
    return call(type, key, method, params, reply, null, WITHIN);
  }

  /** The same with a key, within {@link #WITHIN}. */
  public <R> R call(
      String type,
      String key,
      String method,
      @Nullable Object params,
      Class<R> reply,
      @Nullable String idempotencyKey) {
    return call(type, key, method, params, reply, idempotencyKey, WITHIN);
  }

  /**
   * Calls an actor; when this returns, what it did is committed. A call whose time is over before
   * its turn has come is not served any more.
   *
   * <p>Not for the body of a transaction, which would keep its connection meanwhile, nor for an
   * actor's turn: two that call each other wait until their time is over. There {@link #send}
   * along.
   *
   * @param params becomes JSON; null for a method without
   * @param reply what the reply's JSON is read into; {@code Void} for none
   * @param idempotencyKey any text: with the same one, the same method and parameters, this gives
   *     the reply of the first time, for 24 hours. All services share the keys of an actor: a key
   *     that a client chose needs the client's id before it
   * @param within how long to wait, up to {@link #WITHIN_MAX}
   * @throws ActorCallFailure where it gives no reply
   * @throws IllegalArgumentException where there is no such method, no actor can have that key, or
   *     the time is none
   * @throws Refusal 413 where it brings more than 1 MiB
   * @throws IllegalStateException on an event loop, or where the reply does not fit
   */
  public <R> R call(
      String type,
      String key,
      String method,
      @Nullable Object params,
      Class<R> reply,
      @Nullable String idempotencyKey,
      Duration within) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("this blocks: call it on a virtual thread");
    }
    if (!within.isPositive() || within.compareTo(WITHIN_MAX) > 0) {
      throw new IllegalArgumentException("a call has up to " + WITHIN_MAX + ", not " + within);
    }
    var to = to(type, key, method);
    var once = idempotencyKey == null ? null : Ask.Key.shortened(idempotencyKey);
    var told = call(to, body(params), once, ticker.nanos() + within.toNanos());
    return json.reply(told, reply);
  }

  /** A method of an actor. */
  private record To<S>(Address address, Behaviour<S> behaviour, Behaviour.Method<S, ?> method) {}

  private To<?> to(String type, String key, String method) {
    var behaviour =
        registry
            .find(type)
            .orElseThrow(() -> new IllegalArgumentException("there is no actor type " + type));
    return to(behaviour, key, method);
  }

  private static <S> To<S> to(Behaviour<S> behaviour, String key, String name) {
    var method = behaviour.methods().get(name);
    if (method == null) {
      throw new IllegalArgumentException(behaviour.type() + " has no method " + name);
    }
    if (!Address.isKey(key)) {
      throw new IllegalArgumentException("an actor's key has 1 to 256 bytes");
    }
    return new To<>(new Address(behaviour.type(), key), behaviour, method);
  }

  private String body(@Nullable Object params) {
    return params == null ? "{}" : json.json(params);
  }

  private @Nullable Long pick(Address address) {
    var pick = directory.pick(address);
    return pick.isPresent() ? pick.getAsLong() : null;
  }

  private String call(To<?> to, String body, @Nullable String key, long until) {
    boolean here = directory.isHere(to.address());
    while (true) {
      try {
        return here ? here(to, body, key, until) : there(to, body, key, until);
      } catch (Misdirected elsewhere) {
        here = false;
      } catch (ActorCallFailure e) {
        boolean isWorthIt = e.isMoving() || (key != null && e.mayHaveWorked());
        if (!isWorthIt
            || Thread.currentThread().isInterrupted()
            || until - ticker.nanos() <= PAUSE.toNanos()) {
          throw e;
        }
        LockSupport.parkNanos(this, PAUSE.toNanos());
        here = directory.isHere(to.address());
      }
    }
  }

  private String there(To<?> to, String body, @Nullable String key, long until) {
    var answer =
        answers.call(to.address(), to.method().name(), body, key, pick(to.address()), until);
    return switch (Outcome.of(answer.outcome())) {
      case SERVED -> answer.told();
      case REFUSED -> throw ActorCallFailure.refused(json.problem(answer.told()));
      case LATE -> throw ActorCallFailure.notServed(ActorError.late(), false);
      case FAILED, AGAIN, DEAD -> throw ActorCallFailure.failed(null);
    };
  }

  private <S> String here(To<S> to, String body, @Nullable String key, long until) {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var begun = new AtomicBoolean();
    var reply = new CompletableFuture<String>();
    directory.deliver(
        to.address(),
        to.behaviour(),
        new Ask.Call<>(
            to.method(),
            null,
            bytes,
            key == null ? null : Ask.Key.of(Ask.Key.SYSTEM, key, to.method().name(), bytes),
            until,
            reply,
            begun),
        false);
    try {
      return reply.get(Math.max(0, until - ticker.nanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw givenUp(begun, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw givenUp(begun, e);
    } catch (ExecutionException e) {
      throw failure(e.getCause(), begun.get());
    }
  }

  /** From now on it does not begin, if it has not. */
  private static ActorCallFailure givenUp(AtomicBoolean begun, Exception why) {
    return begun.compareAndSet(false, true)
        ? ActorCallFailure.notServed(ActorError.late(), false)
        : ActorCallFailure.unknown(why);
  }

  private static RuntimeException failure(@Nullable Throwable cause, boolean begun) {
    if (cause instanceof Misdirected elsewhere) {
      return elsewhere;
    }
    if (cause instanceof Refusal refusal && ActorError.isUntouched(refusal)) {
      return ActorCallFailure.notServed(refusal, ActorError.isMoving(refusal));
    }
    if (!begun) {
      return cause instanceof Refusal
          ? ActorCallFailure.notServed(ActorError.moving(), true)
          : ActorCallFailure.notPut(cause);
    }
    return switch (cause) {
      case Refusal moved when ActorError.isMoved(moved) -> ActorCallFailure.unknown(null);
      case Refusal refusal -> ActorCallFailure.refused(refusal.problem());
      case StoreFailure away when away.mayHaveCommitted() -> ActorCallFailure.unknown(away);
      case StoreFailure away -> ActorCallFailure.notPut(away);
      case null, default -> ActorCallFailure.failed(cause);
    };
  }
}
