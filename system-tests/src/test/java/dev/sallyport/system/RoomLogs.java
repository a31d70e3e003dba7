package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The logs of rooms, as Postgres has them and as a worker tells them. Confined to one thread. */
final class RoomLogs {
  private static final int PAGE = 100;

  private RoomLogs() {}

  /** The whole log, in order. */
  static List<Chatter.Said> inPostgres(PostgresServer postgres, String room) throws SQLException {
    try (var connection = postgres.connect(PostgresServer.DATA_WORKER);
        var statement =
            connection.prepareStatement(
                """
                SELECT m.log_offset, m.sender, m.id
                FROM room.message m JOIN room.room r ON r.pk = m.room JOIN actor.actor a USING (pk)
                WHERE a.key = ? ORDER BY m.log_offset\
                """)) {
      statement.setString(1, room);
      var log = new ArrayList<Chatter.Said>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          log.add(new Chatter.Said(rows.getLong(1), rows.getString(2), rows.getString(3)));
        }
      }
      return log;
    }
  }

  /** How many messages from transactions are in no log yet. */
  static int waiting(PostgresServer postgres) throws SQLException {
    try (var connection = postgres.connect(PostgresServer.DATA_WORKER);
        var statement = connection.prepareStatement("SELECT count(*) FROM room.inbox");
        var rows = statement.executeQuery()) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /** The whole log, page by page. */
  static List<Chatter.Said> overHttp(Http http, String bearer, String room) {
    var log = new ArrayList<Chatter.Said>();
    for (var after = Optional.of("0"); after.isPresent(); ) {
      var answer =
          http.get(
              "/api/internal/rooms/" + room + "/messages?limit=" + PAGE + "&after=" + after.get(),
              "Authorization",
              bearer);
      if (answer.status() != 200) {
        throw new IllegalStateException("no page: " + answer);
      }
      answer.json().required("items").forEach(item -> log.add(Chatter.Said.of(item)));
      after = Optional.ofNullable(answer.json().get("next")).map(next -> next.asText());
    }
    return log;
  }
}
