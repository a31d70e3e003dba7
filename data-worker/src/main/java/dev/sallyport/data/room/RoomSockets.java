package dev.sallyport.data.room;

import dev.sallyport.data.actor.Misdirected;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.OpenSocket;
import dev.sallyport.data.binding.Problems;
import dev.sallyport.data.binding.Sockets;
import dev.sallyport.data.room.OpenRoom.Resume;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.WorkerHeaders;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Sockets that ask for a room. On event loops. */
@Singleton
class RoomSockets {
  private static final String PATH = RoomResource.PATH + "/:room/socket";

  private final RoomDoor door;
  private final Admission admission;
  private final Sockets sockets;

  @Inject
  RoomSockets(RoomDoor door, Admission admission, Sockets sockets) {
    this.door = door;
    this.admission = admission;
    this.sockets = sockets;
  }

  void route(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::open);
    router.route(PATH).handler(rc -> Problems.methodNotAllowed(rc, "GET"));
  }

  private void open(RoutingContext rc) {
    var user = InternalCall.current().caller().user();
    var name = RoomDoor.checked(String.valueOf(rc.pathParam("room")));
    var resume = resume(rc);
    if (!rc.request().headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      sockets.open(rc, none -> {});
      return;
    }
    var loop = rc.vertx().getOrCreateContext();
    rc.request().pause();
    admission.enter(() -> loop.runOnContext(now -> admit(rc, loop, user, name, resume)));
  }

  private static @Nullable Resume resume(RoutingContext rc) {
    var epoch = rc.queryParams().get("epoch");
    var offset = rc.queryParams().get("offset");
    if (epoch == null && offset == null) {
      return null;
    }
    if (epoch == null || offset == null) {
      throw RoomError.invalid(epoch == null ? "epoch" : "offset", "comes with the other");
    }
    return new Resume(epoch, offset(offset));
  }

  static long offset(String text) {
    if (!text.matches("\\d{1,18}")) {
      throw RoomError.invalid("offset", "is a whole number, 0 or more");
    }
    return Long.parseLong(text);
  }

  private void admit(
      RoutingContext rc, Context loop, Caller.User user, String name, @Nullable Resume resume) {
    if (rc.response().closed()) {
      admission.done();
      return;
    }
    var _ =
        door.knows(user, name)
            .whenComplete((known, failure) ->
                loop.runOnContext(now -> {
                  if (failure != null) {
                    refuse(rc, failure);
                  } else if (known) {
                    enter(rc, loop, user, name, resume);
                  } else {
                    admission.done();
                    sockets.open(rc, RoomSockets::turnAway);
                  }
                }));
  }

  private static void turnAway(OpenSocket socket) {
    socket.close(Closing.FORBIDDEN.code(), Closing.FORBIDDEN.reason());
  }

  private void enter(
      RoutingContext rc, Context loop, Caller.User user, String name, @Nullable Resume resume) {
    Room room;
    try {
      room = door.enter(name, false);
    } catch (RuntimeException e) {
      refuse(rc, e);
      return;
    }
    var left = new AtomicBoolean();
    Runnable exit =
        () -> {
          if (left.compareAndSet(false, true)) {
            room.exit();
          }
        };
    rc.response().closeHandler(closed -> exit.run());
    var _ =
        room.open()
            .whenComplete((here, failure) ->
                loop.runOnContext(now -> {
                  if (failure != null) {
                    exit.run();
                    refuse(rc, failure);
                  } else {
                    admission.done();
                    sockets.open(rc, socket -> join(socket, user, here, resume, exit));
                  }
                }));
  }

  private static void join(
      OpenSocket socket, Caller.User user, OpenRoom room, @Nullable Resume resume, Runnable exit) {
    socket.onClose(exit);
    var member = new Member(socket, user, room);
    room.execute(() -> room.enter(member, resume));
    member.begin();
  }

  private void refuse(RoutingContext rc, Throwable failure) {
    admission.done();
    var cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    if (cause instanceof Misdirected misdirected) {
      rc.response()
          .setStatusCode(ProblemType.MISDIRECTED.status())
          .putHeader(WorkerHeaders.OWNER, misdirected.owner())
          .end();
    } else {
      rc.fail(cause);
    }
  }
}
