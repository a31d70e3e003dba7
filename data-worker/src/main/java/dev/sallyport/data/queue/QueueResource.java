package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Paging;
import dev.sallyport.data.queue.Operators.Operated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells operators how queues are, and pauses and resumes them. Blocks, each call on a virtual
 * thread.
 */
@Path(QueueResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class QueueResource {
  static final String PATH = "/api/internal/queues";

  private final Operators operators;
  private final QueueStats stats;
  private final StatsSql standing;
  private final QueueSql sql;

  @Inject
  QueueResource(Operators operators, QueueStats stats, StatsSql standing, QueueSql sql) {
    this.operators = operators;
    this.stats = stats;
    this.standing = standing;
    this.sql = sql;
  }

  /** A queue in a list. */
  public record Item(String name, boolean paused, boolean closed, boolean pulled, int partitions) {}

  /**
   * Some queues.
   *
   * @param next the cursor of the next page; null at the end
   */
  public record Page(List<Item> items, @Nullable String next) {}

  /** The queues that the caller may operate, by name. */
  @GET
  public Page list(
      @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
    int most = Paging.limit(limit);
    var after =
        operators.all(caller()).stream()
            .filter(one -> cursor == null || one.name().compareTo(cursor) > 0)
            .limit(most + 1L)
            .toList();
    var shown = after.subList(0, Math.min(most, after.size()));
    var next = after.size() > most ? shown.getLast().name() : null;
    return new Page(items(shown), next);
  }

  private List<Item> items(List<Operated> queues) {
    var found = standing.standing(queues.stream().map(Operated::row).toArray(Integer[]::new));
    var items = new ArrayList<Item>();
    queues.forEach(one -> items.add(item(one, found)));
    return items;
  }

  private static Item item(Operated one, Map<String, StatsSql.Standing> found) {
    var how = found.getOrDefault(one.name(), new StatsSql.Standing(false, false, 0));
    return new Item(
        one.name(), how.paused(), how.closed(), one.queue().isPulled(), how.partitions());
  }

  /** Statistics, up to a second old. */
  @GET
  @Path("/{queue}")
  public QueueStats.View get(@PathParam("queue") String queue) {
    return stats.of(operators.require(caller(), queue));
  }

  /** Hands out nothing more; what is being handled ends. Again, it changes nothing. */
  @POST
  @Path("/{queue}/pause")
  public Item pause(@PathParam("queue") String queue) {
    var operated = operators.require(caller(), queue);
    sql.pause(operated.row());
    return items(List.of(operated)).getFirst();
  }

  @POST
  @Path("/{queue}/resume")
  public Item resume(@PathParam("queue") String queue) {
    var operated = operators.require(caller(), queue);
    sql.resume(operated.row());
    return items(List.of(operated)).getFirst();
  }

  private static Caller.User caller() {
    return InternalCall.current().caller().user();
  }
}
