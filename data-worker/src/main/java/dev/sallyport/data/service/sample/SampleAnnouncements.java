package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.room.Rooms;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts and publishes in one transaction: a message for each text, in a room that is open to the
 * samples, and 1 added to the counter {@code announcements}. All or none of it happens.
 */
@Path("/api/internal/sample/announcements")
public class SampleAnnouncements {
  static final String COUNTER = "announcements";
  private static final int TEXTS_MAX = 100;

  private final SampleSettings settings;
  private final SampleRooms open;
  private final Transactions transactions;
  private final Rooms rooms;

  @Inject
  SampleAnnouncements(
      SampleSettings settings, SampleRooms open, Transactions transactions, Rooms rooms) {
    this.settings = settings;
    this.open = open;
    this.transactions = transactions;
    this.rooms = rooms;
  }

  /**
   * What is announced.
   *
   * @param texts each is also the id of its message, so that it is there once
   * @param fail whether it fails at the end, so that nothing of it is done
   */
  public record Announcement(
      @Nullable String room, @Nullable List<String> texts, @Nullable Boolean fail) {}

  /** How many were. */
  public record Announced(int count) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Announced announce(Announcement announcement) {
    if (!settings.enabled()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    var user = InternalCall.current().caller().user();
    var room = announcement.room();
    if (room == null || !Rooms.isName(room) || !open.mayPublish(user, room)) {
      throw invalid("room", "is a room of the samples: its name has no dash");
    }
    var texts = announcement.texts() == null ? List.<String>of() : announcement.texts();
    if (texts.isEmpty() || texts.size() > TEXTS_MAX || !texts.stream().allMatch(SampleSql::isKey)) {
      throw invalid("texts", "is 1 to 100 texts of 1 to 200 characters");
    }
    return transactions.call(tx -> {
      SampleSql.add(tx, COUNTER);
      for (var text : texts) {
        rooms.publish(tx, room, user.id(), text, Map.of("text", text));
      }
      if (Boolean.TRUE.equals(announcement.fail())) {
        throw Refusal.of(ProblemType.CONFLICT, "It fails as it was told to.");
      }
      return new Announced(texts.size());
    });
  }

  private static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }
}
