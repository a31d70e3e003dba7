package dev.sallyport.data.room;

import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.room.LogSql.Appended;
import dev.sallyport.data.room.Standing.Access;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a room. All of it happens on one event loop, in one order, and nothing is said to
 * its members before it is committed, but for signals, which are not kept. Confined to that event
 * loop; {@link #execute} and {@link #ask} get there.
 */
final class OpenRoom {
  /** design.md, section 9: frames of all users in a second. */
  static final int FRAMES = 20_000;

  private static final Logger LOG = Logger.getLogger(OpenRoom.class);
  private static final CompletableFuture<Boolean> SEEN_TO = CompletableFuture.completedFuture(true);

  private final Room room;
  private final Claim claim;
  private final String name;
  private final String epoch;
  private final RoomPolicy policy;
  private final RoomTools tools;
  private final EventLoop loop;
  private final Recent recent;
  private final Shared shared;
  private final Floor floor;
  private final Ledger ledger;
  private final Allowance allowance;
  private Standing standing;
  private boolean closed;

  /**
   * Where a client was when it left.
   *
   * @param offset the last that it has seen
   */
  record Resume(String epoch, long offset) {}

  /** The room as its members see it. */
  record View(
      String room,
      String epoch,
      long offset,
      Standing standing,
      Set<String> members,
      Map<String, Shared.Value> state) {}

  OpenRoom(
      Room room,
      Claim claim,
      RoomSql.Found found,
      List<Message> newest,
      Map<String, Shared.Value> state,
      RoomTools tools) {
    this.room = room;
    this.claim = claim;
    this.name = room.address().key();
    this.epoch = found.epoch();
    this.policy = tools.policies().of(name);
    this.standing = found.standing();
    this.recent = new Recent(found.head(), newest, tools.memory());
    this.shared = new Shared(state, tools.memory());
    this.tools = tools;
    this.loop = tools.loop();
    this.floor =
        new Floor(name, epoch, recent, shared, loop, tools.ticker(), tools.meters(), this::isHeld);
    this.ledger =
        new Ledger(
            name, claim, tools, loop, recent, frame -> floor.say(frame, true, null), room::leave);
    this.allowance = new Allowance(tools.ticker(), FRAMES, FRAMES);
  }

  RoomTools tools() {
    return tools;
  }

  String name() {
    return name;
  }

  /** Of the room's rows. */
  long pk() {
    return claim.pk();
  }

  Floor floor() {
    return floor;
  }

  /** Runs it on the room's event loop. From any thread. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException stopped) {
      LOG.debugf("room %s ends with its worker", name);
    }
  }

  /** The same, with an answer. From any thread. */
  <T> CompletableFuture<T> ask(Supplier<CompletionStage<T>> what) {
    return CompletableFuture.supplyAsync(what, loop).thenCompose(answer -> answer);
  }

  /** Whether this worker may still speak for the room; it is given up where not. */
  private boolean isHeld() {
    boolean held = !closed && tools.lease().isHeld(room.incarnation());
    if (!held) {
      room.leave(RoomError.moving());
    }
    return held;
  }

  boolean mayRead(Caller.User user) {
    return standing.mayRead(user, name, policy);
  }

  boolean mayPublish(Caller.User user) {
    return standing.mayPublish(user, name, policy);
  }

  View view() {
    return new View(
        name,
        epoch,
        recent.head(),
        standing,
        new TreeSet<>(floor.users()),
        Map.copyOf(shared.committed()));
  }

  /** Lets a socket in, where its user may be here; from then on it sees all. */
  void enter(Member member, @Nullable Resume resume) {
    try {
      letIn(member, resume);
    } catch (RuntimeException e) {
      LOG.errorf(e, "room %s failed at who came in", name);
      member.close(Closing.FAILED);
    }
  }

  private void letIn(Member member, @Nullable Resume resume) {
    if (closed) {
      member.close(Closing.MOVED);
    } else if (!mayRead(member.user())) {
      member.close(Closing.FORBIDDEN);
    } else {
      floor.take(member);
      if (resume == null || !resume.epoch().equals(epoch) || resume.offset() > recent.head()) {
        floor.welcome(member);
      } else if (recent.reachesBackTo(resume.offset())) {
        floor.welcomeBack(member, resume.offset());
      } else {
        CatchUp.begin(this, member, resume.offset());
      }
    }
  }

  void leave(Member member) {
    floor.leave(member);
  }

  /** Sets who may be here, and shows out who may not any more. */
  CompletionStage<Standing> admit(Caller.User user, Access access, Set<String> those) {
    if (!standing.maySetAccess(user, name, policy)) {
      throw RoomError.forbidden();
    }
    var owner = standing.owner() == null ? user.id() : standing.owner();
    return ledger
        .admit(new Standing(owner, access, those))
        .thenApply(kept -> {
          standing = kept;
          floor.showOut(member -> !mayRead(member.user()), Closing.FORBIDDEN);
          return kept;
        });
  }

  /** Publishes a message, see {@link Ledger#append}. */
  CompletableFuture<Appended> publish(
      String from, @Nullable String id, String data, @Nullable Long inbox) {
    return isHeld()
        ? ledger.append(from, id, data, inbox)
        : CompletableFuture.failedFuture(RoomError.moving());
  }

  /** The same for a call over HTTP, which counts among the room's frames. */
  CompletableFuture<Appended> post(Caller.User user, String id, String data) {
    if (!mayPublish(user)) {
      throw RoomError.forbidden();
    }
    if (!allowance.take()) {
      throw RoomError.tooMany();
    }
    return publish(user.id(), id, data, null);
  }

  /** Hears a frame of a client. From any thread. */
  void hear(Member member, String text) {
    var frame = tools.parser().parse(text);
    execute(() -> {
      CompletableFuture<?> seenTo;
      try {
        seenTo = hears(member, frame);
      } catch (RuntimeException e) {
        LOG.errorf(e, "room %s failed at a frame", name);
        seenTo = refused(member, frame.id(), Code.UNAVAILABLE, "the room failed");
      }
      var _ = seenTo.whenComplete((done, failure) -> member.seenTo(text));
    });
  }

  /** Gives when it has been seen to. */
  private CompletableFuture<?> hears(Member member, ClientFrame frame) {
    if (closed || !floor.has(member)) {
      return SEEN_TO;
    }
    if (!floor.allows(member.user().id()) || !allowance.take()) {
      if (member.refusedOneMore()) {
        member.close(Closing.TOO_MANY);
      }
      return refused(member, frame.id(), Code.TOO_MANY, "too many frames: slow down");
    }
    member.took();
    if (!(frame instanceof ClientFrame.Bad) && !mayPublish(member.user())) {
      return refused(member, frame.id(), Code.FORBIDDEN, "you may read here and no more");
    }
    return switch (frame) {
      case ClientFrame.Bad(var id, var code, var detail) -> refused(member, id, code, detail);
      case ClientFrame.Publish(var id, var data) ->
          publish(member.user().id(), id, data, null)
              .whenComplete((appended, failure) -> acknowledge(member, id, appended, failure));
      case ClientFrame.Signal(var id, var data) -> {
        floor.say(Frames.signal(member.user().id(), data), false, member);
        yield SEEN_TO;
      }
      case ClientFrame.Put put -> set(member, put);
    };
  }

  private CompletableFuture<?> refused(
      Member member, @Nullable String id, Code code, String detail) {
    refuse(member, id, code, detail);
    return SEEN_TO;
  }

  private void refuse(Member member, @Nullable String id, Code code, String detail) {
    tools.meters().refused();
    member.tell(Frames.error(id, code, detail));
  }

  private void acknowledge(
      Member member, String id, @Nullable Appended appended, @Nullable Throwable failure) {
    switch (appended) {
      case Appended.New(var offset, var at) -> member.tell(Frames.ack(id, offset, at));
      case Appended.Before(var offset, var at) -> member.tell(Frames.ack(id, offset, at));
      case Appended.Clash() ->
          refuse(member, id, Code.CONFLICT, "this id was used with other data");
      case Appended.Lost() -> refuse(member, id, Code.UNAVAILABLE, "the room moves");
      case null -> {
        LOG.debugf(failure, "a message of room %s was not taken", name);
        refuse(member, id, Code.UNAVAILABLE, "not known to be taken: send it again");
      }
    }
  }

  private CompletableFuture<?> set(Member member, ClientFrame.Put put) {
    long version = shared.version(put.key());
    if (put.ifVersion() != null && put.ifVersion() != version) {
      return refused(member, put.id(), Code.CONFLICT, "its version is " + version);
    }
    var value = shared.set(put.key(), put.value());
    if (value == null) {
      return refused(member, put.id(), Code.TOO_LARGE, "the room's shared state is full");
    }
    return ledger
        .put(put.key(), value)
        .whenComplete((kept, failure) -> {
          if (failure != null) {
            refuse(member, put.id(), Code.UNAVAILABLE, "not known to be kept");
          } else if (!closed) {
            shared.commit(put.key(), value);
            floor.say(Frames.state(put.key(), value, member.user().id()), false, null);
          }
        });
  }

  /** Tells all to come back elsewhere. From any thread. */
  void close() {
    execute(() -> {
      if (!closed) {
        closed = true;
        floor.close();
        recent.close();
        shared.close();
      }
    });
  }
}
