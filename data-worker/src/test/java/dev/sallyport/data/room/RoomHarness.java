package dev.sallyport.data.room;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.Json;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.StrictJson;
import dev.sallyport.data.room.Standing.Access;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A room in memory, for tests of policies and of code that speaks with rooms: no store, no network,
 * and a clock that is moved by hand. Frames are read, written and limited by the very code of a
 * worker; what is published is committed at once, and who came and went is said when the clock
 * moves. Confined to one thread.
 */
public final class RoomHarness {
  private static final Duration KEPT = Duration.ofDays(30);
  private static final String EPOCH = "harness";

  private final String name;
  private final RoomPolicy policy;
  private final ObjectMapper mapper = StrictJson.mapper();
  private final FrameParser parser = new FrameParser();
  private final RoomMemory memory = new RoomMemory(Long.MAX_VALUE);
  private final Shared shared = new Shared(Map.of(), memory);
  private final List<Message> log = new ArrayList<>();
  private final Map<List<String>, Message> byId = new HashMap<>();
  private final List<Client> clients = new ArrayList<>();
  private final Presence presence;
  private Standing standing = new Standing(null, null, Set.of());
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long head;

  private RoomHarness(String name, RoomPolicy policy) {
    this.name = name;
    this.policy = policy;
    this.presence =
        new Presence(() -> new Allowance(this::nanos, Floor.USER_FRAMES, Floor.USER_BURST));
  }

  /**
   * An empty room.
   *
   * @throws IllegalArgumentException where no room can be called so, or another policy decides
   */
  public static RoomHarness of(String name, RoomPolicy policy) {
    if (!Rooms.isName(name) || !name.startsWith(policy.prefix())) {
      throw new IllegalArgumentException("not a room of this policy: " + name);
    }
    return new RoomHarness(name, policy);
  }

  /** A user with these roles. */
  public static Caller.User user(String id, String... roles) {
    return new Caller.User(id, List.of(roles));
  }

  private long nanos() {
    return Duration.between(Instant.EPOCH, now).toNanos();
  }

  public Instant now() {
    return now;
  }

  /** Lets time pass: who came and went is told, limits refill, and old messages go. */
  public void advance(Duration time) {
    now = now.plus(time);
    var change = presence.change();
    if (!change.isEmpty()) {
      say(Frames.presence(change.joined(), change.left()), null);
    }
    while (!log.isEmpty() && log.getFirst().at().isBefore(now.minus(KEPT))) {
      var old = log.removeFirst();
      byId.values().remove(old);
    }
  }

  /** Opens a socket. */
  public Client enter(Caller.User user) {
    return enter(user, -1);
  }

  /** Opens a socket that was here before, and has seen everything up to this offset. */
  public Client resume(Caller.User user, long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("offsets begin with 1, and 0 is before them: " + offset);
    }
    return enter(user, offset);
  }

  private Client enter(Caller.User user, long offset) {
    var client = new Client(user);
    if (!standing.mayRead(user, name, policy)) {
      client.end(Closing.FORBIDDEN);
      return client;
    }
    clients.add(client);
    presence.enters(user.id());
    boolean isThere =
        offset >= 0
            && offset <= head
            && (offset == head || (!log.isEmpty() && log.getFirst().offset() <= offset + 1));
    client.hear(
        Frames.welcome(
            name, EPOCH, head, isThere, new TreeSet<>(presence.users()), shared.committed()));
    if (isThere) {
      log.stream()
          .filter(message -> message.offset() > offset)
          .forEach(message -> client.hear(Frames.message(message)));
    }
    return client;
  }

  /** What {@link Rooms#publish} does once its transaction has committed. */
  public void publish(String from, @Nullable String id, Object data) {
    var _ = append(from, id, write(data));
  }

  /**
   * What a PUT does.
   *
   * @return whether this user may
   */
  public boolean admit(Caller.User user, boolean membersOnly, Set<String> members) {
    if (!standing.maySetAccess(user, name, policy)) {
      return false;
    }
    var owner = standing.owner() == null ? user.id() : standing.owner();
    standing = new Standing(owner, membersOnly ? Access.MEMBERS : Access.OPEN, members);
    List.copyOf(clients).stream()
        .filter(client -> !standing.mayRead(client.user, name, policy))
        .forEach(client -> client.leave(Closing.FORBIDDEN));
    return true;
  }

  /** Who is there. */
  public Set<String> members() {
    return Set.copyOf(presence.users());
  }

  /** Null where this id has other data. */
  private @Nullable Message append(String from, @Nullable String id, String data) {
    if (id != null) {
      var before = byId.get(List.of(from, id));
      if (before != null) {
        return before.data().equals(data) ? before : null;
      }
    }
    var message = new Message(++head, from, data, now);
    log.add(message);
    if (id != null) {
      byId.put(List.of(from, id), message);
    }
    say(Frames.message(message), null);
    return message;
  }

  private void say(byte[] frame, @Nullable Client except) {
    clients.stream().filter(client -> client != except).forEach(client -> client.hear(frame));
  }

  private String write(Object data) {
    try {
      return mapper.writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be JSON: " + data.getClass(), e);
    }
  }

  /** One socket. */
  public final class Client {
    private final Caller.User user;
    private final List<Map<String, Object>> heard = new ArrayList<>();
    private @Nullable Closing closing;

    private Client(Caller.User user) {
      this.user = user;
    }

    /** What it was told since this was asked last, frame by frame. */
    public List<Map<String, Object>> heard() {
      var frames = List.copyOf(heard);
      heard.clear();
      return frames;
    }

    /** With which code it was closed; 0 while it is open. */
    public int closeCode() {
      return closing == null ? 0 : closing.code();
    }

    /** Sends a frame as it is. */
    public void send(String text) {
      if (!clients.contains(this)) {
        throw new IllegalStateException("it is closed");
      }
      answer(parser.parse(text));
    }

    public void publish(String id, Object data) {
      send("{\"type\":\"publish\",\"id\":" + write(id) + ",\"data\":" + write(data) + "}");
    }

    public void signal(Object data) {
      send("{\"type\":\"signal\",\"data\":" + write(data) + "}");
    }

    public void set(String key, Object value) {
      send("{\"type\":\"set\",\"key\":" + write(key) + ",\"value\":" + write(value) + "}");
    }

    /** Closes it from its own side. */
    public void close() {
      if (clients.remove(this)) {
        presence.leaves(user.id());
      }
    }

    private void answer(ClientFrame frame) {
      if (!presence.allows(user.id())) {
        refuse(frame.id(), Code.TOO_MANY);
      } else if (frame instanceof ClientFrame.Bad bad) {
        refuse(bad.id(), bad.code());
      } else if (!standing.mayPublish(user, name, policy)) {
        refuse(frame.id(), Code.FORBIDDEN);
      } else {
        take(frame);
      }
    }

    private void take(ClientFrame frame) {
      switch (frame) {
        case ClientFrame.Publish(var id, var data) -> {
          var message = append(user.id(), id, data);
          if (message == null) {
            refuse(id, Code.CONFLICT);
          } else {
            hear(Frames.ack(id, message.offset(), message.at()));
          }
        }
        case ClientFrame.Signal(var id, var data) -> say(Frames.signal(user.id(), data), this);
        case ClientFrame.Put put -> set(put);
        case ClientFrame.Bad bad -> refuse(bad.id(), bad.code());
      }
    }

    private void set(ClientFrame.Put put) {
      if (put.ifVersion() != null && put.ifVersion() != shared.version(put.key())) {
        refuse(put.id(), Code.CONFLICT);
        return;
      }
      var value = shared.set(put.key(), put.value());
      if (value == null) {
        refuse(put.id(), Code.TOO_LARGE);
      } else {
        shared.commit(put.key(), value);
        say(Frames.state(put.key(), value, user.id()), null);
      }
    }

    private void refuse(@Nullable String id, Code code) {
      hear(Frames.error(id, code, code.text()));
    }

    private void leave(Closing why) {
      close();
      end(why);
    }

    private void end(Closing why) {
      closing = why;
    }

    private void hear(byte[] frame) {
      int head =
          switch (frame[1]) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
          };
      heard.add(
          Objects.requireNonNull(
              Json.object(new String(frame, head, frame.length - head, StandardCharsets.UTF_8))));
    }
  }
}
