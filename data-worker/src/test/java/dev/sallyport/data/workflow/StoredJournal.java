package dev.sallyport.data.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.sallyport.data.binding.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run as a file holds it: columns of its rows in tables {@code workflow.run} and {@code
 * workflow.entry}, where {@code params}, {@code output}, {@code result} and {@code error} are text
 * that is JSON itself. Immutable.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record StoredJournal(
    String type,
    int version,
    String id,
    int generation,
    String principal,
    String params,
    String status,
    @Nullable String output,
    @Nullable String error,
    List<Row> entries) {
  private static final ObjectMapper MAPPER =
      StrictJson.mapper().enable(SerializationFeature.INDENT_OUTPUT);

  StoredJournal {
    entries = List.copyOf(entries);
  }

  /** One entry. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String branch,
      int ordinal,
      String kind,
      String key,
      String status,
      int attempts,
      @Nullable String result,
      @Nullable String shape,
      @Nullable String error,
      @Nullable Instant dueAt,
      Instant startedAt,
      @Nullable Instant endedAt) {
    private static Row of(Entry entry, Payloads payloads) {
      return new Row(
          entry.at().branch(),
          entry.at().ordinal(),
          entry.kind().wire(),
          entry.key(),
          entry.status().wire(),
          entry.attempts(),
          entry.result(),
          entry.shape(),
          entry.error() == null ? null : payloads.json(entry.error()),
          entry.dueAt(),
          entry.startedAt(),
          entry.endedAt());
    }

    Entry entry(Payloads payloads) {
      return new Entry(
          new Position(branch, ordinal),
          Entry.Kind.ofWire(kind),
          key,
          Entry.Status.ofWire(status),
          attempts,
          result,
          shape,
          error == null ? null : payloads.own(error, ErrorNote.class),
          dueAt,
          startedAt,
          endedAt);
    }
  }

  static StoredJournal of(Ledger.NewRun made, MemoryLedger.Seen seen, Payloads payloads) {
    var error = seen.error();
    return new StoredJournal(
        made.type(),
        made.version(),
        made.id(),
        seen.generation(),
        made.principal(),
        made.params(),
        seen.status().wire(),
        seen.output(),
        error == null ? null : payloads.json(error),
        seen.entries().stream().map(entry -> Row.of(entry, payloads)).toList());
  }

  static StoredJournal read(Path file) throws IOException {
    return MAPPER.readValue(file.toFile(), StoredJournal.class);
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, MAPPER.writeValueAsString(this) + "\n");
  }

  /** When the last of it was written, as far as it tells. */
  Instant lastMoment() {
    return entries.stream()
        .flatMap(row ->
            Stream.of(row.startedAt(), row.endedAt() == null ? row.startedAt() : row.endedAt()))
        .max(Comparator.naturalOrder())
        .orElse(WorkflowHarness.BEGINNING);
  }
}
