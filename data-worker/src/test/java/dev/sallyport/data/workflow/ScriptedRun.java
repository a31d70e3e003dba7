package dev.sallyport.data.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A {@link Run} whose steps do what a {@link Script} says. Confined like the one it wraps. */
final class ScriptedRun implements Run {
  private final BranchRun run;
  private final Script script;
  private final String branch;
  private final Map<String, Integer> occurrences = new HashMap<>();
  private int forks;

  /**
   * @param branch as its {@link Position} calls it
   */
  private ScriptedRun(BranchRun run, Script script, String branch) {
    this.run = run;
    this.script = script;
    this.branch = branch;
  }

  private void ask(String name) {
    int occurrence = occurrences.merge(name, 1, Integer::sum);
    script.ask(branch, occurrence == 1 ? name : name + "#" + occurrence);
  }

  /** The same workflow, with its steps in the script's hands. */
  static Definition scripted(Definition of, Script script) {
    return new Definition(
        of.type(),
        of.version(),
        new Workflow<Object, Object>() {
          @Override
          public Object run(Run run, Object params) throws Exception {
            return of.workflow().run(new ScriptedRun((BranchRun) run, script, ""), params);
          }
        },
        of.options(),
        of.params(),
        of.result());
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // a test gives a value of the step's own class
  private <T extends @Nullable Object> T attempt(Retry retry, Callable<T> body) throws Exception {
    var execution = run.execution();
    var claim = execution.claim();
    var name = run.idempotencyKey().substring((claim.type() + ":" + claim.id()).length() + 1);
    var parts = name.split(":", 3);
    var place =
        new Script.Place(claim.run(), claim.generation(), parts[1], parts[2], run.attempt());
    var deadline = execution.tools().nanoTime().getAsLong() + retry.attemptTimeout().toNanos();
    return (T) script.attempt(execution, place, deadline, body);
  }

  @Override
  public <T extends @Nullable Object> T step(String name, Retry retry, Callable<T> body) {
    ask(name);
    return run.step(name, retry, () -> attempt(retry, body));
  }

  @Override
  public <T extends @Nullable Object> T step(
      String name, Retry retry, Callable<T> body, Undo<T> undo) {
    ask(name);
    return run.step(
        name,
        retry,
        () -> attempt(retry, body),
        result -> {
          var _ =
              this.<@Nullable Object>attempt(
                  Retry.DEFAULT,
                  () -> {
                    undo.undo(result);
                    return null;
                  });
        });
  }

  @Override
  @SuppressWarnings("Nullaway") // there is no transaction in memory
  public <T extends @Nullable Object> T transaction(String name, InTransaction<T> body) {
    ask(name);
    return run.transaction(
        name,
        tx ->
            attempt(
                Retry.DEFAULT,
                () -> {
                  if (tx == null) {
                    throw new NonRetryable(
                        "there is no database here: say what it gives with harness.mock(\""
                            + name
                            + "\", …)");
                  }
                  return body.run(tx);
                }));
  }

  @Override
  public <T extends @Nullable Object> List<T> all(List<? extends Branch<T>> branches) {
    var scripted = new ArrayList<Branch<T>>();
    var prefix = (branch.isEmpty() ? "" : branch + "/") + forks + ".";
    forks += branches.isEmpty() ? 0 : 1;
    for (var one : branches) {
      var name = prefix + scripted.size();
      scripted.add(inner -> one.run(new ScriptedRun((BranchRun) inner, script, name)));
    }
    return run.all(scripted);
  }

  @Override
  public String id() {
    return run.id();
  }

  @Override
  public int generation() {
    return run.generation();
  }

  @Override
  public String principal() {
    return run.principal();
  }

  @Override
  public String idempotencyKey() {
    return run.idempotencyKey();
  }

  @Override
  public int attempt() {
    return run.attempt();
  }

  @Override
  public void sleep(String name, Duration time) {
    ask(name);
    run.sleep(name, time);
  }

  @Override
  public void sleepUntil(String name, Instant moment) {
    ask(name);
    run.sleepUntil(name, moment);
  }

  @Override
  public <T> T waitFor(String event, Class<T> type, Duration timeout) {
    ask(event);
    return run.waitFor(event, type, timeout);
  }

  @Override
  public <P extends @Nullable Object, R extends @Nullable Object> R child(
      String name, Class<? extends Workflow<P, R>> workflow, P params) {
    ask(name);
    return run.child(name, workflow, params);
  }

  @Override
  public boolean since(String change) {
    return run.since(change);
  }

  @Override
  public void rollback() {
    run.rollback();
  }
}
