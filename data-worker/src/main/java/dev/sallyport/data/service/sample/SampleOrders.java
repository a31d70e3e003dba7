package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.queue.Messages;
import dev.sallyport.data.queue.NewMessage;
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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts and sends in one transaction: a message for each key to the queue {@code sample}, and 1
 * added to the counter {@code orders}. All or none of it happens.
 */
@Path("/api/internal/sample/orders")
public class SampleOrders {
  static final String COUNTER = "orders";
  private static final int KEYS_MAX = 100;

  private final SampleSettings settings;
  private final Transactions transactions;
  private final Messages messages;

  @Inject
  SampleOrders(SampleSettings settings, Transactions transactions, Messages messages) {
    this.settings = settings;
    this.transactions = transactions;
    this.messages = messages;
  }

  /**
   * What is ordered.
   *
   * @param keys of counters; each is also the id of its message, so that it is counted once
   */
  public record Order(@Nullable List<String> keys) {}

  /** The ids of the messages that will be sent, in order. */
  public record Ordered(List<String> ids) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Ordered order(Order order) {
    if (!settings.enabled()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    var user = InternalCall.current().caller().user();
    var keys = order.keys() == null ? List.<String>of() : order.keys();
    if (keys.isEmpty()
        || keys.size() > KEYS_MAX
        || !keys.stream().allMatch(key -> SampleSql.isKey(key) && key.length() <= KEYS_MAX)) {
      throw Refusal.of(
          Problem.invalid(
              List.of(new FieldError("keys", "is 1 to 100 keys of 1 to 100 characters"))));
    }
    return transactions.call(tx -> {
      SampleSql.add(tx, COUNTER);
      var ids = new ArrayList<String>();
      for (var key : keys) {
        var body = new SampleQueue.Count(key, null);
        ids.add(messages.send(tx, NewMessage.of(SampleQueue.NAME, body, user.id()).id(key)));
      }
      return new Ordered(ids);
    });
  }
}
