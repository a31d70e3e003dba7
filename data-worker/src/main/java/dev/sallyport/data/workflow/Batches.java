package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.workflow.Ledger.NewRun;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/** Starts several runs of a workflow, all or none. Thread-safe; blocks. */
@Singleton
class Batches {
  private final Starting starting;
  private final StartSql starts;
  private final Controls controls;
  private final ControlSql sql;
  private final RunSql runs;
  private final Engine engine;

  @Inject
  Batches(
      Starting starting,
      StartSql starts,
      Controls controls,
      ControlSql sql,
      RunSql runs,
      Engine engine) {
    this.starting = starting;
    this.starts = starts;
    this.controls = controls;
    this.sql = sql;
    this.runs = runs;
    this.engine = engine;
  }

  /**
   * Starts them.
   *
   * @return {@code {runs}}, in the order in which they were asked for, as they were begun
   * @throws Refusal 404; 409 naming the ids that are in use; 422
   */
  String start(Caller.User caller, String type, List<StartBody> asked) {
    var all = new ArrayList<NewRun>();
    var ids = new HashSet<String>();
    for (int i = 0; i < asked.size(); i++) {
      var run = starting.prepare(caller, type, asked.get(i), "runs[" + i + "].params");
      if (!ids.add(run.id())) {
        throw StartBody.invalid("runs[" + i + "].id", "is in this batch twice");
      }
      all.add(run);
    }
    controls.call(tx -> {
      var taken = new ArrayList<FieldError>();
      for (int i = 0; i < all.size(); i++) {
        if (!starts.insertQueued(tx, all.get(i))) {
          taken.add(new FieldError("runs[" + i + "].id", "is in use"));
        }
      }
      if (!taken.isEmpty()) {
        throw Refusal.of(
            new Problem(ProblemType.ID_TAKEN, "None of the runs was started.", false, null, taken));
      }
      sql.tell(tx, List.of(ClaimSql.READY));
      return true;
    });
    engine.kick();
    return json(all);
  }

  private String json(List<NewRun> all) {
    var rows = new HashMap<String, RunRow>();
    Waits.on(runs.findAll(all.getFirst().type(), all.stream().map(NewRun::id).toList()))
        .forEach(row -> rows.put(row.id(), row));
    var json = new StringBuilder("{\"runs\":[");
    for (var run : all) {
      var row = rows.get(run.id());
      if (row != null) {
        json.append(json.length() > 9 ? "," : "").append(RunReader.fresh(row.asBegun()));
      }
    }
    return json.append("]}").toString();
  }
}
