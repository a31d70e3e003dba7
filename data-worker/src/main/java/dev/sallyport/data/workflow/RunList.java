package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Paging;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pages of runs, the newest first. Thread-safe, does not block. */
@Singleton
class RunList {
  private final Registry registry;
  private final Reach reach;
  private final RunListSql sql;

  @Inject
  RunList(Registry registry, Reach reach, RunListSql sql) {
    this.registry = registry;
    this.reach = reach;
    this.sql = sql;
  }

  /** {@code {items,next}}. */
  Future<String> page(
      Caller.User caller,
      @Nullable String type,
      @Nullable String status,
      @Nullable String cursor,
      @Nullable String limit) {
    int most = Paging.limit(limit);
    long before = cursor == null ? Long.MAX_VALUE : position(cursor);
    var query = new RunListSql.Query(owner(caller), types(caller, type), statuses(status));
    return sql.page(query, before, most + 1).map(runs -> page(runs, most));
  }

  /** Whose runs a caller sees; null for everyone's. */
  static @Nullable String owner(Caller.User caller) {
    return caller.isAdmin() ? null : caller.id();
  }

  /**
   * The types to look among: the index leads from a status and a type to the newest runs, so none
   * can be left open. An admin may name one that this worker does not know.
   */
  List<String> types(Caller.User caller, @Nullable String type) {
    if (type != null) {
      reach.check(caller, type);
      return List.of(type);
    }
    return registry.all().stream()
        .map(Definition::type)
        .distinct()
        .filter(one -> reach.admits(caller, one))
        .toList();
  }

  static List<RunStatus> statuses(@Nullable String status) {
    return status == null ? List.of(RunStatus.values()) : List.of(status(status));
  }

  private static RunStatus status(String wire) {
    return Arrays.stream(RunStatus.values())
        .filter(status -> status.wire().equals(wire))
        .findAny()
        .orElseThrow(() ->
            StartBody.invalid(
                "status",
                "is one of queued, running, waiting, paused, complete, errored, terminated"));
  }

  private static String page(List<RunRow> runs, int most) {
    var json = new StringBuilder(256 * runs.size() + 64).append("{\"items\":[");
    int shown = Math.min(runs.size(), most);
    for (int i = 0; i < shown; i++) {
      if (i > 0) {
        json.append(',');
      }
      RunView.item(json, runs.get(i));
    }
    json.append(']');
    if (runs.size() > most) {
      json.append(",\"next\":\"").append(cursor(runs.get(most - 1).pk())).append('"');
    }
    return json.append('}').toString();
  }

  private static String cursor(long pk) {
    return Paging.cursor(ByteBuffer.allocate(Long.BYTES).putLong(pk).array());
  }

  private static long position(String cursor) {
    var bytes = Paging.position(cursor);
    if (bytes.length != Long.BYTES) {
      throw Paging.badCursor();
    }
    return ByteBuffer.wrap(bytes).getLong();
  }
}
