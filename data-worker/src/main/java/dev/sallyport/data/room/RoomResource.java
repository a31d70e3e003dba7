package dev.sallyport.data.room;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Paging;
import dev.sallyport.data.room.LogSql.Appended;
import dev.sallyport.data.room.Standing.Access;
import dev.sallyport.model.UuidV7;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rooms over HTTP. On the event loop, but for what reads the log. */
@Path(RoomResource.PATH)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class RoomResource {
  static final String PATH = "/api/internal/rooms";

  /** Who may enter, at most. */
  private static final int MEMBERS_MAX = 10_000;

  private static final int USER_CHARS_MAX = 128;

  private final RoomDoor door;
  private final RoomTools tools;
  private final UuidV7 ids;

  @Inject
  RoomResource(RoomDoor door, RoomTools tools, Clock clock) {
    this.door = door;
    this.tools = tools;
    this.ids = new UuidV7(clock, new SecureRandom());
  }

  /**
   * A room as its members see it.
   *
   * @param members who is there now
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record View(
      String room,
      String epoch,
      long offset,
      @Nullable String access,
      @Nullable String owner,
      Set<String> members,
      Map<String, Value> state) {}

  /** One value of the shared state. */
  public record Value(@JsonRawValue String value, long version) {}

  /** A message of the log. */
  public record Item(long offset, String from, @JsonRawValue String data, Instant at) {}

  /** Some of the log, the oldest first. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Page(List<Item> items, @Nullable String next) {}

  /** What is to be published. */
  public record Post(@Nullable String id, @Nullable JsonNode data) {}

  /** What was. */
  public record Posted(String id, long offset, Instant at) {}

  /** Who may enter from now on. */
  public record Put(@Nullable String access, @Nullable List<String> members) {}

  /**
   * Who may enter.
   *
   * @param members beside the owner, where access is {@code members}
   */
  public record Admitted(String room, String access, String owner, Set<String> members) {}

  @GET
  @Path("/{room}")
  public CompletionStage<View> get(@PathParam("room") String name) {
    var user = InternalCall.current().caller().user();
    return in(
        name,
        user,
        room -> {
          if (!room.mayRead(user)) {
            throw RoomError.forbidden();
          }
          return CompletableFuture.completedFuture(shown(room.view()));
        });
  }

  private static View shown(OpenRoom.View view) {
    var state = new LinkedHashMap<String, Value>();
    view.state().forEach((key, value) -> state.put(key, new Value(value.json(), value.version())));
    var access = view.standing().access();
    return new View(
        view.room(),
        view.epoch(),
        view.offset(),
        access == null ? null : text(access),
        view.standing().owner(),
        view.members(),
        state);
  }

  private static String text(Access access) {
    return access.name().toLowerCase(Locale.ROOT);
  }

  /** Any worker answers this, whoever has the room. */
  @GET
  @Path("/{room}/messages")
  @RunOnVirtualThread
  public Page messages(
      @PathParam("room") String name,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit) {
    var user = InternalCall.current().caller().user();
    var policy = tools.policies().of(RoomDoor.checked(name));
    long from = after == null ? 0 : RoomSockets.offset(after);
    int count = Paging.limit(limit);
    var found = tools.rooms().find(name);
    var standing =
        found.map(RoomSql.Found::standing).orElseGet(() -> new Standing(null, null, Set.of()));
    if (!standing.mayRead(user, name, policy)) {
      throw RoomError.forbidden();
    }
    if (found.isEmpty()) {
      return new Page(List.of(), null);
    }
    var items =
        tools.log().page(found.get().pk(), from, count).stream()
            .map(one -> new Item(one.offset(), one.from(), one.data(), one.at()))
            .toList();
    boolean more = !items.isEmpty() && items.getLast().offset() < found.get().head();
    return new Page(items, more ? Long.toString(items.getLast().offset()) : null);
  }

  @POST
  @Path("/{room}/messages")
  public CompletionStage<Response> post(@PathParam("room") String name, @Nullable Post post) {
    var user = InternalCall.current().caller().user();
    if (post == null || post.data() == null) {
      throw RoomError.invalid("data", "is missing");
    }
    var data = post.data().toString();
    if (data.getBytes(StandardCharsets.UTF_8).length > Publishing.DATA_BYTES_MAX) {
      throw RoomError.tooLarge();
    }
    if (post.id() != null && !Publishing.isName(post.id(), FrameParser.ID_CHARS_MAX)) {
      throw RoomError.invalid(
          "id", "is 1 to " + FrameParser.ID_CHARS_MAX + " characters, none of them U+0000");
    }
    var id = post.id() == null ? ids.next().toString() : post.id();
    return in(
        name, user, room -> room.post(user, id, data).thenApply(appended -> answer(id, appended)));
  }

  private static Response answer(String id, Appended appended) {
    return switch (appended) {
      case Appended.New(var offset, var at) -> created(new Posted(id, offset, at));
      case Appended.Before(var offset, var at) -> created(new Posted(id, offset, at));
      case Appended.Clash clash -> throw RoomError.clash();
      case Appended.Lost lost -> throw RoomError.moving();
    };
  }

  private static Response created(Posted posted) {
    return Response.status(Response.Status.CREATED).entity(posted).build();
  }

  @PUT
  @Path("/{room}")
  public CompletionStage<Admitted> put(@PathParam("room") String name, @Nullable Put put) {
    var user = InternalCall.current().caller().user();
    if (put == null) {
      throw RoomError.badJson();
    }
    var access = access(put.access());
    var members = members(put.members());
    return in(
        name,
        user,
        room ->
            room.admit(user, access, members)
                .thenApply(standing ->
                    new Admitted(
                        name,
                        text(access),
                        String.valueOf(standing.owner()),
                        new TreeSet<>(standing.members()))));
  }

  private static Access access(@Nullable String access) {
    return switch (access) {
      case "open" -> Access.OPEN;
      case "members" -> Access.MEMBERS;
      case null, default -> throw RoomError.invalid("access", "is open or members");
    };
  }

  private static Set<String> members(@Nullable List<String> members) {
    var all = members == null ? List.<String>of() : members;
    if (all.size() > MEMBERS_MAX) {
      throw RoomError.invalid("members", "are " + MEMBERS_MAX + " at the most");
    }
    for (var member : all) {
      if (member == null || !Publishing.isName(member, USER_CHARS_MAX)) {
        throw RoomError.invalid("members", "are ids of users");
      }
    }
    return new LinkedHashSet<>(all);
  }

  private <T> CompletionStage<T> in(
      String name, Caller.User user, Function<OpenRoom, CompletionStage<T>> what) {
    return door.knows(user, RoomDoor.checked(name))
        .thenCompose(known -> {
          if (!known) {
            throw RoomError.forbidden();
          }
          var room = door.enter(name, false);
          return room.open()
              .thenCompose(here -> here.ask(() -> what.apply(here)))
              .whenComplete((value, failure) -> room.exit());
        });
  }
}
