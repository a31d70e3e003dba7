package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.NewRun;
import dev.sallyport.data.workflow.StartSql.Made;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.StringJoiner;

/** Starts several runs of a workflow, all or none. Thread-safe; blocks. */
@Singleton
class Batches {
  private final Starting starting;
  private final StartSql starts;
  private final ClaimSql claims;
  private final Transactions transactions;
  private final Engine engine;

  @Inject
  Batches(
      Starting starting,
      StartSql starts,
      ClaimSql claims,
      Transactions transactions,
      Engine engine) {
    this.starting = starting;
    this.starts = starts;
    this.claims = claims;
    this.transactions = transactions;
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
    var made = transactions.call(tx -> insert(tx, all));
    engine.kick();
    return json(all, made);
  }

  private List<Made> insert(Tx tx, List<NewRun> all) {
    var answers = starts.insertQueued(tx, all);
    var made = new ArrayList<Made>();
    var taken = new ArrayList<FieldError>();
    for (int i = 0; i < all.size(); i++) {
      var answer = answers.get(i);
      if (answer == null) {
        taken.add(new FieldError("runs[" + i + "].id", "is in use"));
      } else {
        made.add(answer);
      }
    }
    if (!taken.isEmpty()) {
      throw Refusal.of(
          new Problem(ProblemType.ID_TAKEN, "None of the runs was started.", false, null, taken));
    }
    claims.notifyReady(tx);
    return made;
  }

  private static String json(List<NewRun> all, List<Made> made) {
    var json = new StringJoiner(",", "{\"runs\":[", "]}");
    for (int i = 0; i < all.size(); i++) {
      var one = made.get(i);
      json.add(
          RunReader.fresh(RunRow.begun(all.get(i), one.run(), RunStatus.QUEUED, one.createdAt())));
    }
    return json.toString();
  }
}
