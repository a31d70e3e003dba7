package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Gives runs to those who may see them. Thread-safe, does not block. */
@Singleton
class RunReader {
  private final RunSql runs;
  private final Reach reach;
  private final Standstill standstill;

  @Inject
  RunReader(RunSql runs, Reach reach, Standstill standstill) {
    this.runs = runs;
    this.reach = reach;
    this.standstill = standstill;
  }

  /** A run, or 404 where there is none that this caller sees. */
  Future<RunRow> visible(Caller.User caller, String type, String id) {
    reach.check(caller, type);
    if (!StartBody.isId(id)) {
      return Future.failedFuture(Reach.noRun());
    }
    return runs.find(type, id)
        .map(found ->
            found
                .filter(run -> Reach.sees(caller, run.principal()))
                .orElseThrow(() -> Reach.noRun()));
  }

  /** Which of these ids are of runs that this caller sees. */
  Future<Set<String>> visible(Caller.User caller, String type, List<String> ids) {
    reach.check(caller, type);
    return runs.findAll(type, ids.stream().filter(StartBody::isId).toList())
        .map(found ->
            found.stream()
                .filter(run -> Reach.sees(caller, run.principal()))
                .map(RunRow::id)
                .collect(Collectors.toSet()));
  }

  /** A run by its key, which is known to be there and visible; 404 when it is gone meanwhile. */
  Future<RunRow> byKey(long pk) {
    return runs.find(pk).map(found -> found.orElseThrow(() -> Reach.noRun()));
  }

  /** Its JSON with all steps. */
  Future<String> whole(RunRow run) {
    return runs.steps(run.pk(), run.generation())
        .compose(steps -> waitingFor(run).map(why -> RunView.whole(run, why, steps)));
  }

  /** Its JSON as it has just ended, from what its execution knows. */
  Future<String> whole(RunRow run, FinishedRun end) {
    var ended =
        new RunRow(
            run.pk(),
            run.type(),
            run.id(),
            run.version(),
            run.generation(),
            run.principal(),
            end.status(),
            run.params(),
            end.output(),
            end.error(),
            null,
            run.seq(),
            run.generationSeq(),
            run.createdAt(),
            StepRow.kept(end.at()));
    var entries = end.entries();
    return entries == null
        ? whole(ended)
        : Future.succeededFuture(RunView.whole(ended, null, StepRow.of(entries)));
  }

  /** Its JSON without steps. */
  Future<String> alone(RunRow run) {
    return waitingFor(run).map(why -> RunView.alone(run, why));
  }

  private Future<@Nullable String> waitingFor(RunRow run) {
    return switch (run.status()) {
      case QUEUED -> standstill.why(run);
      case WAITING, PAUSED -> Future.succeededFuture(run.waitingFor());
      case RUNNING, COMPLETE, ERRORED, TERMINATED -> Future.succeededFuture(null);
    };
  }

  /** A new run, of which nothing but its start is known. */
  static String fresh(RunRow run) {
    return RunView.whole(run, null, List.of());
  }
}
