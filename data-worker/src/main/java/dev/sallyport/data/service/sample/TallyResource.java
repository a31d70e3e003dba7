package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A service that calls {@code counter} actors, whichever worker has them: at once, or in the
 * transaction of its own rows.
 */
@Path("/api/internal/sample/tallies/{key}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class TallyResource {
  private static final String COUNTER = "tallies";

  /** As much of a client's key as fits beside the client's id. */
  private static final int KEY_MAX = 128;

  private final SampleSettings settings;
  private final Tallies tallies;
  private final Transactions transactions;

  @Inject
  TallyResource(SampleSettings settings, Tallies tallies, Transactions transactions) {
    this.settings = settings;
    this.tallies = tallies;
    this.transactions = transactions;
  }

  /** What the actor says. */
  public record Tally(String key, long value) {}

  @GET
  public Tally get(@PathParam("key") String key) {
    user(key);
    return new Tally(key, tallies.value(key));
  }

  /** Adds 1 and waits for it; the same {@code Idempotency-Key} of the same user adds once. */
  @POST
  public Tally add(
      @PathParam("key") String key, @HeaderParam("Idempotency-Key") @Nullable String once) {
    var user = user(key);
    // A client's key is its own.
    return new Tally(key, tallies.add(key, once == null ? null : user + " " + checked(once)));
  }

  /**
   * Adds 1 to the counter row {@code tallies}, and leaves a message for the actor in the same
   * transaction.
   */
  @POST
  @Path("/later")
  public Response addLater(@PathParam("key") String key) {
    user(key);
    transactions.call(tx -> {
      tallies.addLater(tx, key);
      return SampleSql.add(tx, COUNTER);
    });
    return Response.accepted().build();
  }

  private String user(String key) {
    if (!settings.enabled()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    var user = InternalCall.current().caller().user();
    if (!Tallies.isKey(key)) {
      throw invalid("key", "is 1 to 64 characters, none of them U+0000");
    }
    return user.id();
  }

  private static String checked(String once) {
    if (once.isEmpty()
        || once.length() > KEY_MAX
        || !once.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw invalid("Idempotency-Key", "is 1 to " + KEY_MAX + " printable characters");
    }
    return once;
  }

  private static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }
}
