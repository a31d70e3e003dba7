package dev.sallyport.data.room;

import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Gives a member that comes back late what it has missed, page by page from the log, as fast as it
 * reads; then lets it hear messages as they are said. On a virtual thread of its own.
 */
final class CatchUp {
  private static final Logger LOG = Logger.getLogger(CatchUp.class);

  private static final int PAGE = 200;

  /** Pages that are read at one moment, for all who catch up on this worker. */
  private static final Semaphore READING = new Semaphore(4, true);

  /** With more than that unread, the next page waits. */
  private static final long UNSENT_BYTES_MAX = 256 * 1024;

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration STEP_WITHIN = Duration.ofSeconds(30);

  private final OpenRoom room;
  private final Member member;

  private CatchUp(OpenRoom room, Member member) {
    this.room = room;
    this.member = member;
  }

  /** Begins after this offset. */
  static void begin(OpenRoom room, Member member, long after) {
    Thread.ofVirtual().name("room-catch-up").start(() -> new CatchUp(room, member).run(after));
  }

  private void run(long after) {
    try {
      follow(after);
    } catch (StoreFailure | StatementRefused e) {
      LOG.debugf("a member of room %s cannot catch up now: %s", room.name(), e.getMessage());
      member.close(Closing.MOVED);
    } catch (TimeoutException e) {
      member.close(Closing.TOO_SLOW);
    } catch (InterruptedException | ExecutionException e) {
      LOG.debugf(e, "a member of room %s cannot catch up", room.name());
      member.close(Closing.MOVED);
    }
  }

  private void follow(long after)
      throws InterruptedException, ExecutionException, TimeoutException {
    var page = page(after);
    if (page.isEmpty() || page.getFirst().offset() != after + 1) {
      room.execute(() -> room.floor().welcome(member));
      return;
    }
    onSocket(() -> member.catchUp(true));
    var in = new CompletableFuture<Boolean>();
    room.execute(() -> room.floor().welcomeLate(member, () -> in.complete(true)));
    in.get(STEP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    long seen = after;
    while (true) {
      for (var message : page) {
        if (message.offset() != seen + 1) {
          // Some was removed meanwhile: it asks again, and is told so.
          member.close(Closing.MOVED);
          return;
        }
        seen = message.offset();
      }
      var frames = page.stream().map(Frames::message).toList();
      if (!frames.isEmpty()) {
        onSocket(() -> member.write(frames));
      }
      if (isOver(seen)) {
        return;
      }
      awaitReader();
      page = page(seen);
    }
  }

  private List<Message> page(long after) throws InterruptedException {
    READING.acquire();
    try {
      return room.tools().log().page(room.pk(), after, PAGE);
    } finally {
      READING.release();
    }
  }

  /** Whether the rest is in the room's memory, or nobody waits for it any more. */
  private boolean isOver(long seen)
      throws InterruptedException, ExecutionException, TimeoutException {
    var over = new CompletableFuture<Boolean>();
    room.execute(() -> over.complete(room.floor().caughtUp(member, seen)));
    return over.get(STEP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for the member to read. */
  private void awaitReader() throws InterruptedException, ExecutionException, TimeoutException {
    long until = System.nanoTime() + STEP_WITHIN.toNanos();
    while (unsent() > UNSENT_BYTES_MAX) {
      if (System.nanoTime() - until > 0) {
        throw new TimeoutException("it does not read");
      }
      LockSupport.parkNanos(this, LOOK_EVERY.toNanos());
    }
  }

  private long unsent() throws InterruptedException, ExecutionException, TimeoutException {
    var unsent = new CompletableFuture<Long>();
    member.loop().execute(() -> unsent.complete(member.isClosing() ? 0 : member.unsentBytes()));
    return unsent.get(STEP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void onSocket(Runnable what) {
    member.loop().execute(what);
  }
}
