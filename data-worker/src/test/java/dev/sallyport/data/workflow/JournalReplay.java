package dev.sallyport.data.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether runs that began with earlier code can go on with today's: runs the code over
 * journals kept as files, without doing a single step. What it keeps is {@code
 * src/test/resources/journals/<type>-v<version>-<case>.json}.
 *
 * <pre>{@code
 * @Test
 * void storedRunsGoOnWithTodaysCode() {
 *   JournalReplay.of(new OrderReport(shop)).checkAll();
 * }
 * }</pre>
 *
 * <p>A test keeps a run of its harness with {@link #keep}; an operator exports one of the database
 * with the statement that README.md beside the journals has.
 */
public final class JournalReplay {
  private static final Path JOURNALS = Path.of("src", "test", "resources", "journals");

  private final List<Workflow<?, ?>> workflows;

  private JournalReplay(List<Workflow<?, ?>> workflows) {
    this.workflows = workflows;
  }

  /** For these workflows, and those that they start as children. */
  public static JournalReplay of(Workflow<?, ?>... workflows) {
    return new JournalReplay(List.of(workflows));
  }

  /** Writes a run's journal as a case, if the test runs with {@code -Dgolden.write}. */
  public static void keep(WorkflowHarness.StartedRun run, String name) {
    if (Boolean.getBoolean("golden.write") || "".equals(System.getProperty("golden.write"))) {
      var journal = run.stored();
      try {
        journal.write(
            JOURNALS.resolve(journal.type() + "-v" + journal.version() + "-" + name + ".json"));
      } catch (IOException e) {
        throw new AssertionError("the journal could not be kept", e);
      }
    }
  }

  /**
   * Checks every journal that is kept of these workflows.
   *
   * @throws AssertionError when one does not fit, saying where; or when there is none
   */
  public void checkAll() {
    var types =
        new Registry(new MemoryWorker().payloads(), workflows)
            .all().stream().map(each -> each.type() + "-v" + each.version() + "-").toList();
    try (var files = Files.list(JOURNALS)) {
      var mine =
          files
              .filter(file -> types.stream().anyMatch(file.getFileName().toString()::startsWith))
              .sorted()
              .toList();
      if (mine.isEmpty()) {
        throw new AssertionError("no journals are kept of " + types);
      }
      mine.forEach(this::check);
    } catch (IOException e) {
      throw new AssertionError("the journals cannot be read", e);
    }
  }

  /**
   * Checks one journal.
   *
   * @throws AssertionError when it does not fit, saying where
   */
  public void check(Path file) {
    StoredJournal journal;
    try {
      journal = StoredJournal.read(file);
    } catch (IOException e) {
      throw new AssertionError(file.getFileName() + " is no journal", e);
    }
    var misfit = misfit(journal);
    if (misfit != null) {
      throw new AssertionError(file.getFileName() + ": " + misfit);
    }
  }

  /** Why today's code does not come to what the journal has; null when it does. */
  @Nullable String misfit(StoredJournal journal) {
    var worker = new MemoryWorker();
    worker.offer(workflows);
    var definition = worker.registry().find(journal.type(), journal.version());
    if (definition.isEmpty()) {
      return "there is no version " + journal.version() + " of " + journal.type() + " any more";
    }
    long run = worker.load(journal);
    var doing = worker.script().held(null).stream().map(each -> each.place.key()).toList();
    var seen = worker.ledger().look(run);
    worker.take(run, RunStatus.TERMINATED);
    var left = new ArrayList<String>();
    for (var row : journal.entries()) {
      if (!row.kind().equals("change")
          && !row.kind().equals("undo")
          && !worker.script().asked(row.branch(), row.key())) {
        left.add(row.kind() + " '" + row.key() + "'");
      }
    }
    return misfit(journal, seen, doing, left);
  }

  private static @Nullable String misfit(
      StoredJournal journal, MemoryLedger.Seen seen, List<String> doing, List<String> left) {
    var error = seen.error();
    if (error != null && !error.code().equals(codeOf(journal))) {
      return error.message();
    }
    if (!left.isEmpty()) {
      return "the journal has " + left.getFirst() + ", which the code does not ask for any more";
    }
    boolean wasOver = RunStatus.ofWire(journal.status()).isFinished();
    if (wasOver && !doing.isEmpty()) {
      return "the run was over, but the code now goes on with '" + doing.getFirst() + "'";
    }
    if (wasOver && !seen.status().wire().equals(journal.status())) {
      return "the run was " + journal.status() + " and would now be " + seen.status().wire();
    }
    if (wasOver && !String.valueOf(seen.output()).equals(String.valueOf(journal.output()))) {
      return "the output was " + journal.output() + " and would now be " + seen.output();
    }
    return null;
  }

  private static WorkflowError.@Nullable Code codeOf(StoredJournal journal) {
    return journal.error() == null
        ? null
        : new MemoryWorker().payloads().own(journal.error(), ErrorNote.class).code();
  }
}
