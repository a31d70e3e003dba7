package dev.sallyport.data.queue;

import dev.sallyport.model.QueuedMessage;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What Postgres knows about some arrivals. Immutable.
 *
 * @param seen content by id, of those taken in before
 * @param stored those that have a row
 * @param heldUp keys of which there are rows that come first
 * @param keepsAll whether all go to Postgres: nobody here handles them now
 */
record Known(
    Map<UUID, Long> seen, Set<IntakeSql.Name> stored, Set<String> heldUp, boolean keepsAll) {
  boolean isStored(QueuedMessage message) {
    return !stored.isEmpty() && stored.contains(new IntakeSql.Name(message.sender(), message.id()));
  }
}
