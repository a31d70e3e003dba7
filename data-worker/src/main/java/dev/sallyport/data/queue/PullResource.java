package dev.sallyport.data.queue;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.queue.Operators.Operated;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.QueuedMessage;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Messages for programs outside. Blocks, each call on a virtual thread. */
@Path(QueueResource.PATH)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class PullResource {
  private static final int RECEIPTS_MAX = 1_000;

  /** What the way back may take. */
  private static final Duration MARGIN = Duration.ofMillis(500);

  private final Operators operators;
  private final Pulls pulls;
  private final ReceiptSql receipts;
  private final QueueMeters meters;

  @Inject
  PullResource(Operators operators, Pulls pulls, ReceiptSql receipts, QueueMeters meters) {
    this.operators = operators;
    this.pulls = pulls;
    this.receipts = receipts;
    this.meters = meters;
  }

  /**
   * How many messages are wanted.
   *
   * @param max from 1, which is the default, to {@link Pulls#MAX}
   * @param lease for how long nobody else gets them
   * @param patience how long to wait for the first one; {@code wait} outside
   */
  public record Pull(
      @Nullable Integer max,
      @Nullable String lease,
      @JsonProperty("wait") @Nullable String patience) {}

  public record Handful(List<Pulls.Handed> messages) {}

  @POST
  @Path("/{queue}/pull")
  public Handful pull(@PathParam("queue") String queue, @Nullable Pull pull) {
    var operated = operated(queue);
    var asked = pull == null ? new Pull(null, null, null) : pull;
    int max = asked.max() == null ? 1 : Asked.between("max", asked.max(), Pulls.MAX);
    var lease =
        Asked.duration("lease", asked.lease(), Pulls.LEASE, Pulls.LEASE_MIN, Pulls.LEASE_MAX);
    var wait =
        Asked.duration("wait", asked.patience(), Duration.ZERO, Duration.ZERO, Pulls.WAIT_MAX);
    return new Handful(pulls.pull(operated, max, lease, within(wait)));
  }

  /** No longer than the edge waits for this call. */
  private static Duration within(Duration wait) {
    var left = InternalCall.current().timeLeft();
    if (left == null || left.minus(MARGIN).compareTo(wait) >= 0) {
      return wait;
    }
    return left.minus(MARGIN);
  }

  /** Those that are handled. */
  public record Receipts(@Nullable List<@Nullable String> receipts) {}

  /** Those that take longer; the new lease counts from now. */
  public record Extension(@Nullable List<@Nullable String> receipts, @Nullable String lease) {}

  /** Those that are to be tried again, after this time. */
  public record Return(@Nullable List<@Nullable String> receipts, @Nullable String after) {}

  /** Those that a person should look at. */
  public record Parking(@Nullable List<@Nullable String> receipts, @Nullable String reason) {}

  /**
   * What became of one receipt.
   *
   * @param status what was asked for, or {@code dead} where that was the last attempt, {@code
   *     expired} where the lease was over, {@code unknown} where there is no such message any more
   */
  public record Result(String receipt, String status) {}

  public record Results(List<Result> results) {}

  @POST
  @Path("/{queue}/acknowledge")
  public Results acknowledge(@PathParam("queue") String queue, @Nullable Receipts asked) {
    var operated = operated(queue);
    return settle(
        operated,
        asked == null ? null : asked.receipts(),
        some -> receipts.acknowledge(operated.row(), some),
        "acknowledged");
  }

  @POST
  @Path("/{queue}/extend")
  public Results extend(@PathParam("queue") String queue, @Nullable Extension asked) {
    var operated = operated(queue);
    var lease =
        Asked.duration(
            "lease",
            asked == null ? null : asked.lease(),
            Pulls.LEASE,
            Pulls.LEASE_MIN,
            Pulls.LEASE_MAX);
    return settle(
        operated,
        asked == null ? null : asked.receipts(),
        some -> receipts.extend(operated.row(), some, lease),
        "extended");
  }

  @POST
  @Path("/{queue}/retry")
  public Results retry(@PathParam("queue") String queue, @Nullable Return asked) {
    var operated = operated(queue);
    var text = asked == null ? null : asked.after();
    var after =
        text == null
            ? null
            : Asked.duration("after", text, Duration.ZERO, Duration.ZERO, QueuedMessage.DELAY_MAX);
    return settle(
        operated,
        asked == null ? null : asked.receipts(),
        some -> receipts.retry(operated.row(), some, operated.queue().options(), after),
        "retried");
  }

  @POST
  @Path("/{queue}/park")
  public Results park(@PathParam("queue") String queue, @Nullable Parking asked) {
    var operated = operated(queue);
    var reason = Asked.text("reason", asked == null ? null : asked.reason());
    if (reason == null) {
      throw Asked.invalid("reason", "is missing");
    }
    return settle(
        operated,
        asked == null ? null : asked.receipts(),
        some -> receipts.park(operated.row(), some, Reasons.shortened(reason)),
        "parked");
  }

  private Results settle(
      Operated queue,
      @Nullable List<@Nullable String> texts,
      Function<List<Receipt>, ReceiptSql.Result> change,
      String done) {
    var known = known(texts);
    var result = change.apply(List.copyOf(known.values()));
    var results = new ArrayList<Result>();
    for (var text : Objects.requireNonNull(texts)) {
      results.add(new Result(String.valueOf(text), status(known.get(text), result, done)));
    }
    count(queue.name(), result, done);
    return new Results(results);
  }

  /** Those that can be ours, once each. */
  private static Map<String, Receipt> known(@Nullable List<@Nullable String> texts) {
    if (texts == null || texts.isEmpty()) {
      throw Asked.invalid("receipts", "has at least one entry");
    }
    if (texts.size() > RECEIPTS_MAX) {
      throw Refusal.of(
          ProblemType.TOO_LARGE, "At most " + RECEIPTS_MAX + " receipts are taken at once.");
    }
    var known = new LinkedHashMap<String, Receipt>();
    for (var text : texts) {
      if (text == null) {
        throw Asked.invalid("receipts", "are strings");
      }
      Receipt.parse(text).ifPresent(receipt -> known.put(text, receipt));
    }
    return known;
  }

  private static String status(@Nullable Receipt receipt, ReceiptSql.Result result, String done) {
    if (receipt == null) {
      return "unknown";
    }
    var state = result.state().get(receipt);
    if (state == null) {
      return result.there().contains(receipt.pk()) ? "expired" : "unknown";
    }
    return done.equals("retried") && state.equals("dead") ? "dead" : done;
  }

  private void count(String queue, ReceiptSql.Result result, String done) {
    long dead = result.state().values().stream().filter("dead"::equals).count();
    switch (done) {
      case "acknowledged" -> meters.pulled(queue, result.state().size(), 0, 0);
      case "retried", "parked" -> meters.pulled(queue, 0, result.state().size() - dead, dead);
      default -> {} // it is not over
    }
  }

  private Operated operated(String queue) {
    return operators.requirePulled(InternalCall.current().caller().user(), queue);
  }
}
