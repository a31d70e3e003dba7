package dev.sallyport.data.cron;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.sallyport.data.binding.Paging;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Schedules and fires as JSON. Thread-safe. */
@Singleton
class ScheduleView {
  private final ObjectMapper mapper;

  @Inject
  ScheduleView(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  String json(ObjectNode node) {
    try {
      return mapper.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("made of strings and numbers alone", e);
    }
  }

  /**
   * {@code {items,next}}.
   *
   * @param rows one more than are shown, where there are more
   * @param place of an item, from where the next page goes on
   */
  <T> String page(List<T> rows, int most, Function<T, ObjectNode> view, Function<T, String> place) {
    var page = mapper.createObjectNode();
    var items = page.putArray("items");
    rows.stream().limit(most).map(view).forEach(items::add);
    if (rows.size() > most) {
      var last = place.apply(rows.get(most - 1)).getBytes(StandardCharsets.UTF_8);
      page.put("next", Paging.cursor(last));
    }
    return json(page);
  }

  ObjectNode schedule(ScheduleRow row) {
    var node = mapper.createObjectNode().put("name", row.name());
    switch (row.schedule().timing()) {
      case Timing.Cron(var expression, var zone) ->
          node.put("cron", expression).put("zone", zone.getId());
      case Timing.Every(var interval, var from) ->
          put(node.put("every", interval.toString()), "from", from);
      case Timing.At(var moment) -> put(node, "at", moment);
    }
    node.set("target", target(row.schedule().target()));
    node.put("overlap", ScheduleSql.wire(row.schedule().overlap()))
        .put("missed", ScheduleSql.wire(row.schedule().missed()));
    if (!row.schedule().jitter().equals(Duration.ZERO)) {
      node.put("jitter", row.schedule().jitter().toString());
    }
    node.put("declared", row.declared()).put("paused", row.pausedAt() != null);
    put(node, "pausedAt", row.pausedAt());
    put(node, "nextDueAt", row.dueAt());
    put(node, "createdAt", row.createdAt());
    put(node, "updatedAt", row.updatedAt());
    return node;
  }

  private ObjectNode target(Target target) {
    var node = mapper.createObjectNode();
    return switch (target) {
      case Target.Workflow(var type, var params) ->
          node.put("workflow", type).putRawValue("params", new RawValue(params));
      case Target.Queue(var name, var body, var key) -> {
        node.put("queue", name).putRawValue("body", new RawValue(body));
        yield key == null ? node : node.put("key", key);
      }
      case Target.Job(var name, var params) ->
          params.equals("null")
              ? node.put("job", name)
              : node.put("job", name).putRawValue("params", new RawValue(params));
    };
  }

  ObjectNode fire(FireSql.Past fire) {
    var node = mapper.createObjectNode().put("id", Long.toString(fire.pk()));
    put(node, "dueAt", fire.dueAt());
    node.put("status", fire.status()).put("manual", fire.manual());
    put(node, "firedAt", fire.firedAt());
    put(node, "startedAt", fire.startedAt());
    // What was started may still go on: its own answer tells.
    boolean elsewhere = fire.status().equals("started") || fire.status().equals("sent");
    put(node, "endedAt", elsewhere ? null : fire.endedAt());
    if (fire.missed() > 0) {
      node.put("missed", fire.missed());
    }
    if (fire.run() != null) {
      node.put(fire.status().equals("sent") ? "message" : "run", fire.run());
    }
    if (fire.attempt() > 0) {
      node.put("attempt", fire.attempt()).put("worker", fire.worker());
    }
    put(node, "nextAttemptAt", fire.attempt() > 0 ? fire.runAt() : null);
    if (fire.error() != null) {
      node.put("error", fire.error());
    }
    return node;
  }

  private static void put(ObjectNode node, String field, @Nullable Instant moment) {
    if (moment != null) {
      node.put(field, moment.toString());
    }
  }
}
