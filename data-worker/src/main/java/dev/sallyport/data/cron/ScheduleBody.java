package dev.sallyport.data.cron;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client asks a schedule to be: {@code {cron|every|at, zone?, from?, target, overlap?,
 * missed?, jitter?}}. Collects what is wrong, field by field. Confined to one call.
 */
final class ScheduleBody {
  private static final Set<String> FIELDS =
      Set.of("cron", "every", "at", "zone", "from", "target", "overlap", "missed", "jitter");

  /** How JSON spells the one character that Postgres would refuse in jsonb. */
  private static final String NUL = "\\u0000";

  private final JsonNode json;
  private final List<FieldError> errors = new ArrayList<>();

  private ScheduleBody(JsonNode json) {
    this.json = json;
  }

  /** A mapper that keeps every digit of a number. */
  static ObjectMapper exact(ObjectMapper mapper) {
    return mapper
        .copy()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false);
  }

  /**
   * Reads one.
   *
   * @param mapper of {@link #exact}
   * @throws Refusal 400 or 422
   */
  static Schedule read(ObjectMapper mapper, byte[] body) {
    JsonNode json;
    try {
      json = mapper.readTree(body);
    } catch (JacksonException e) {
      throw Refusal.of(ProblemType.BAD_JSON, "Send one JSON value in UTF-8.");
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
    if (json == null || !json.isObject()) {
      throw Refusal.of(
          Problem.invalid(List.of(new FieldError("body", "is a JSON object with a target"))));
    }
    return new ScheduleBody(json).schedule();
  }

  private Schedule schedule() {
    unknown(json, "", FIELDS);
    var timing = timing();
    var target = target(json.get("target"));
    var overlap = choice("overlap", Overlap.class, Overlap.SKIP);
    var missed = choice("missed", Missed.class, Missed.ONCE);
    var jitter = duration("jitter");
    if (jitter != null && (jitter.isNegative() || jitter.compareTo(Schedule.JITTER_MAX) > 0)) {
      wrong("jitter", "is between PT0S and " + Schedule.JITTER_MAX);
    }
    if (!errors.isEmpty() || timing == null || target == null) {
      throw Refusal.of(Problem.invalid(errors));
    }
    return new Schedule(timing, target, overlap, missed, jitter == null ? Duration.ZERO : jitter);
  }

  private @Nullable Timing timing() {
    var given = Stream.of("cron", "every", "at").filter(json::has).toList();
    if (given.size() != 1) {
      wrong(given.isEmpty() ? "cron" : given.getLast(), "give one of cron, every and at");
      return null;
    }
    var field = given.getFirst();
    if (!field.equals("cron") && json.has("zone")) {
      wrong("zone", "is for cron alone");
    }
    if (!field.equals("every") && json.has("from")) {
      wrong("from", "is for every alone");
    }
    try {
      return switch (field) {
        case "cron" -> cron();
        case "every" -> every();
        default -> {
          var moment = moment("at");
          yield moment == null ? null : new Timing.At(moment);
        }
      };
    } catch (IllegalArgumentException e) {
      wrong(field, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private @Nullable Timing cron() {
    var zone = json.has("zone") ? text(json, "zone", "zone") : "UTC";
    var expression = text(json, "cron", "cron");
    if (zone != null && !Checks.isZone(zone)) {
      wrong("zone", "is a name of the IANA time zone database, such as Europe/Berlin");
      zone = null;
    }
    if (expression == null) {
      return null;
    }
    // The expression is looked at all the same, so that both errors are told.
    var known = new Timing.Cron(expression, ZoneId.of(zone == null ? "UTC" : zone));
    return zone == null ? null : known;
  }

  private @Nullable Timing every() {
    var interval = duration("every");
    var from = json.has("from") ? moment("from") : null;
    return interval == null ? null : new Timing.Every(interval, from);
  }

  private @Nullable Target target(@Nullable JsonNode target) {
    if (target == null || !target.isObject()) {
      wrong("target", "is an object with workflow, queue or job");
      return null;
    }
    var given = Stream.of("workflow", "queue", "job").filter(target::has).toList();
    if (given.size() != 1) {
      wrong("target", "has one of workflow, queue and job");
      return null;
    }
    var kind = given.getFirst();
    var name = text(target, kind, "target." + kind);
    boolean queue = kind.equals("queue");
    unknown(target, "target.", queue ? Set.of(kind, "body", "key") : Set.of(kind, "params"));
    var key = queue && target.has("key") ? text(target, "key", "target.key") : null;
    var payload = payload(target, queue ? "body" : "params", queue);
    if (name == null || payload == null) {
      return null;
    }
    return switch (kind) {
      case "workflow" -> new Target.Workflow(name, payload.isEmpty() ? "{}" : payload);
      case "queue" -> new Target.Queue(name, payload, key);
      default -> new Target.Job(name, payload.isEmpty() ? "null" : payload);
    };
  }

  /** JSON; empty where there is none, null where it cannot be taken. */
  private @Nullable String payload(JsonNode target, String field, boolean needed) {
    var value = target.get(field);
    if (value == null) {
      if (needed) {
        wrong("target." + field, "is missing");
        return null;
      }
      return "";
    }
    var text = value.toString();
    if (text.contains(NUL)) {
      wrong("target." + field, "must not contain the character U+0000");
      return null;
    }
    return text;
  }

  private <E extends Enum<E>> E choice(String field, Class<E> type, E otherwise) {
    if (!json.has(field)) {
      return otherwise;
    }
    var text = json.get(field).asText();
    for (var value : type.getEnumConstants()) {
      if (ScheduleSql.wire(value).equals(text)) {
        return value;
      }
    }
    var all =
        Stream.of(type.getEnumConstants())
            .map(value -> value.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    wrong(field, "is one of " + all);
    return otherwise;
  }

  private @Nullable Duration duration(String field) {
    if (!json.has(field)) {
      return null;
    }
    try {
      return Duration.parse(json.get(field).asText());
    } catch (DateTimeException e) {
      wrong(field, "is an ISO-8601 duration, such as PT15M");
      return null;
    }
  }

  private @Nullable Instant moment(String field) {
    try {
      var moment = Instant.parse(json.get(field).asText());
      if (moment.isAfter(Instant.parse("1970-01-01T00:00:00Z"))
          && moment.isBefore(Instant.parse("9999-01-01T00:00:00Z"))) {
        return moment;
      }
    } catch (DateTimeException e) {
      wrong(field, "is an instant in UTC, such as 2026-12-24T18:00:00Z");
      return null;
    }
    wrong(field, "is between 1970 and 9999");
    return null;
  }

  private @Nullable String text(JsonNode from, String field, String path) {
    var value = from.get(field);
    if (value != null && value.isTextual() && value.asText().indexOf('\0') < 0) {
      return value.asText();
    }
    wrong(path, "is a string");
    return null;
  }

  private void unknown(JsonNode object, String path, Set<String> known) {
    object
        .fieldNames()
        .forEachRemaining(field -> {
          if (!known.contains(field)) {
            wrong(path + field, "is not known here");
          }
        });
  }

  private void wrong(String field, String message) {
    errors.add(new FieldError(field, message));
  }
}
