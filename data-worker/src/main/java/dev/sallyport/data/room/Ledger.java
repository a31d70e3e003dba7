package dev.sallyport.data.room;

import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.room.LogSql.Append;
import dev.sallyport.data.room.LogSql.Appended;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is written for a room, and becomes known once it is committed. What has an id is on its way
 * once. After a commit that was lost, or of which nobody knows, the room is given up, and read
 * again. Confined to the room's event loop.
 */
final class Ledger {
  private static final Logger LOG = Logger.getLogger(Ledger.class);

  private final String name;
  private final Claim claim;
  private final RoomTools tools;
  private final EventLoop loop;
  private final Recent recent;
  private final Consumer<byte[]> said;
  private final Consumer<RuntimeException> giveUp;
  private final Map<Sent, UnderWay> underWay = new HashMap<>();

  /** Names a message that is on its way into the log. */
  private record Sent(String from, String id) {}

  private record UnderWay(String data, CompletableFuture<Appended> done) {}

  /**
   * @param said told of each frame that is new in the log, in order
   * @param giveUp told when the room cannot go on here
   */
  Ledger(
      String name,
      Claim claim,
      RoomTools tools,
      EventLoop loop,
      Recent recent,
      Consumer<byte[]> said,
      Consumer<RuntimeException> giveUp) {
    this.name = name;
    this.claim = claim;
    this.tools = tools;
    this.loop = loop;
    this.recent = recent;
    this.said = said;
    this.giveUp = giveUp;
  }

  /**
   * Appends a message to the log, once for each id of a sender. Fails where it was not appended, or
   * where nobody knows.
   *
   * @param inbox the row that it came in; null for none
   */
  CompletableFuture<Appended> append(
      String from, @Nullable String id, String data, @Nullable Long inbox) {
    var sent = id == null ? null : new Sent(from, id);
    var same = sent == null ? null : underWay.get(sent);
    if (same != null) {
      return same.data().equals(data)
          ? same.done()
          : CompletableFuture.completedFuture(new Appended.Clash());
    }
    if (!tools.takes(data.length())) {
      return CompletableFuture.failedFuture(RoomError.overloaded());
    }
    var done = new CompletableFuture<Appended>();
    if (sent != null) {
      underWay.put(sent, new UnderWay(data, done));
    }
    var _ =
        tools
            .log()
            .append(new Append(claim, from, id, data, inbox))
            .whenCompleteAsync(
                (appended, failure) -> {
                  tools.gives(data.length());
                  if (sent != null) {
                    underWay.remove(sent);
                  }
                  if (failure == null) {
                    appended(from, data, appended);
                    done.complete(appended);
                  } else {
                    done.completeExceptionally(failed(failure));
                  }
                },
                loop);
    return done;
  }

  private void appended(String from, String data, Appended appended) {
    switch (appended) {
      case Appended.New(var offset, var at) -> {
        tools.meters().published();
        if (offset == recent.head() + 1) {
          var frame = Frames.message(new Message(offset, from, data, at));
          recent.add(offset, frame);
          said.accept(frame);
        } else {
          LOG.errorf("room %s goes from %d to %d: it is read again", name, recent.head(), offset);
          giveUp.accept(RoomError.moved());
        }
      }
      case Appended.Lost() -> giveUp.accept(RoomError.moved());
      case Appended.Before before -> tools.meters().repeated();
      case Appended.Clash clash -> LOG.tracef("an id came twice in room %s", name);
    }
  }

  /** Keeps a value of the shared state; fails where it was not kept, or nobody knows. */
  CompletableFuture<Boolean> put(String key, Shared.Value value) {
    return tools
        .rooms()
        .put(new RoomSql.Put(claim, key, value.json(), value.version()))
        .handleAsync(
            (held, failure) -> {
              if (failure != null || !held) {
                // Whatever it was: later values count on it.
                giveUp.accept(RoomError.moved());
                throw failure == null ? RoomError.moved() : unchecked(failure);
              }
              return true;
            },
            loop)
        .toCompletableFuture();
  }

  /** Keeps who may enter; fails where that was not kept, or nobody knows. */
  CompletableFuture<Standing> admit(Standing standing) {
    return tools
        .rooms()
        .admit(claim, standing)
        .handleAsync(
            (held, failure) -> {
              if (failure != null) {
                throw failed(failure);
              }
              if (!held) {
                giveUp.accept(RoomError.moved());
                throw RoomError.moved();
              }
              return standing;
            },
            loop)
        .toCompletableFuture();
  }

  /** Unless it certainly did nothing, a failed commit is the end of the room here. */
  private RuntimeException failed(Throwable failure) {
    var cause = unchecked(failure);
    boolean nothingDone =
        cause instanceof StatementRefused
            || cause instanceof Refusal
            || (cause instanceof StoreFailure store && !store.mayHaveCommitted());
    if (!nothingDone) {
      giveUp.accept(RoomError.moved());
    }
    return cause;
  }

  private static RuntimeException unchecked(Throwable failure) {
    var cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("a room failed", cause);
  }
}
