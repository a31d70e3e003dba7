package dev.sallyport.data.room;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What transactions left for rooms. */
@Singleton
class InboxSql {
  /** Rung by a commit that leaves something. */
  static final String CHANNEL = "room";

  /** Rooms that are looked at in one round. */
  private static final int ROOMS_MAX = 1_000;

  private static final String PUT =
      "INSERT INTO room.inbox (room, sender, id, data) VALUES ($1, $2, $3, $4)";

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', '')";

  /**
   * Rooms with something, that are this worker's, nobody's, or of a worker that is no more. Steps
   * from room to room along the index, whatever each has.
   */
  private static final String WAITING =
      """
      WITH RECURSIVE rooms AS (
        (SELECT room FROM room.inbox ORDER BY room LIMIT 1)
        UNION ALL
        SELECT (SELECT i.room FROM room.inbox AS i WHERE i.room > s.room ORDER BY i.room LIMIT 1)
          FROM rooms AS s WHERE s.room IS NOT NULL)
      SELECT s.room FROM rooms AS s
        LEFT JOIN actor.actor AS a ON a.type = $1 AND a.key = s.room
        LEFT JOIN lease.worker AS w ON w.incarnation = a.owner
        WHERE s.room IS NOT NULL AND (a.owner = $2 OR w.incarnation IS NULL
          OR w.ended_at IS NOT NULL OR w.expires_at <= clock_timestamp())
        LIMIT $3\
      """;

  private static final String OF_ROOM =
      """
      SELECT pk, sender, id, data FROM room.inbox WHERE room = $1 AND pk > $2
        ORDER BY pk LIMIT $3\
      """;

  private final Transactions transactions;

  /** One that waits. */
  record Waiting(long pk, String from, @Nullable String id, String data) {}

  @Inject
  InboxSql(Transactions transactions) {
    this.transactions = transactions;
  }

  void put(Tx tx, String room, String from, @Nullable String id, String data) {
    tx.execute(PUT, room, from, id, data);
    tx.execute(NOTIFY);
  }

  /** Rooms that this worker should see to. Blocks. */
  List<String> waiting(long incarnation) {
    var rooms = new ArrayList<String>();
    for (var row : transactions.execute(WAITING, Room.TYPE, incarnation, ROOMS_MAX)) {
      rooms.add(row.getString(0));
    }
    return rooms;
  }

  /** What waits for a room, the oldest first. Blocks. */
  List<Waiting> of(String room, long after, int max) {
    var waiting = new ArrayList<Waiting>();
    for (var row : transactions.execute(OF_ROOM, room, after, max)) {
      waiting.add(
          new Waiting(row.getLong(0), row.getString(1), row.getString(2), row.getString(3)));
    }
    return waiting;
  }
}
