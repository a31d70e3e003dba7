package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Deletes finished runs when their time is over, a batch of one type and status per round. Goes
 * through them in the order in which they were made, and begins again at the end. Confined to the
 * housekeeping's thread.
 */
@Singleton
class Retention {
  private static final int BATCH_MAX = 200;

  private final List<Place> places;
  private final RetentionSql sql;
  private int next;

  /** How far it is in one type and status. Confined. */
  private static final class Place {
    private final Definition definition;
    private final RunStatus status;
    private long after;

    Place(Definition definition, RunStatus status) {
      this.definition = definition;
      this.status = status;
    }
  }

  @Inject
  Retention(Registry registry, Transactions transactions) {
    this.sql = new RetentionSql(transactions);
    this.places =
        registry.all().stream()
            .flatMap(definition ->
                List.of(RunStatus.values()).stream()
                    .filter(RunStatus::isFinished)
                    .map(status -> new Place(definition, status)))
            .toList();
  }

  /** One batch. Blocks. */
  void round() {
    if (places.isEmpty()) {
      return;
    }
    var place = places.get(next);
    next = (next + 1) % places.size();
    var seen =
        sql.delete(
            place.status,
            place.definition.type(),
            place.after,
            BATCH_MAX,
            place.definition.options().retention());
    place.after = seen.orElse(0);
  }
}
