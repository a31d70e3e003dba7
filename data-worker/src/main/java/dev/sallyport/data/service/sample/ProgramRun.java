package dev.sallyport.data.service.sample;

import dev.sallyport.data.workflow.NonRetryable;
import dev.sallyport.data.workflow.Retry;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.WorkflowError;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One execution of a program. Confined to its run's threads. */
final class ProgramRun {
  private static final Retry PATIENT =
      Retry.upTo(1_000).exponential(Duration.ofMillis(50)).cap(Duration.ofMillis(500));
  private static final Retry BRIEF = Retry.upTo(3).fixed(Duration.ofMillis(50));
  private static final Duration LONG = Duration.ofHours(24);

  private final ProgramSql sql;
  private final String scope;

  /**
   * @param scope under which all is counted that this run does, its children apart
   */
  ProgramRun(ProgramSql sql, String scope) {
    this.sql = sql;
    this.scope = scope;
  }

  /**
   * What a step gave.
   *
   * @param nonce of the attempt it came from
   */
  @RegisterForReflection
  record Stepped(String value, String nonce) {}

  List<String> values(Run run, List<ProgramOp> ops) throws Exception {
    var values = new ArrayList<String>();
    for (var op : ops) {
      values.add(value(run, op));
    }
    return values;
  }

  private String value(Run run, ProgramOp op) throws Exception {
    return switch (op.op()) {
      case "step" -> step(run, op);
      case "transaction" -> transaction(run, op);
      case "sleep" -> {
        run.sleep(op.name(), Duration.ofMillis(op.millis()));
        yield "slept";
      }
      case "event" -> {
        var timeout = op.millis() == 0 ? LONG : Duration.ofMillis(op.millis());
        yield run.waitFor(op.name(), String.class, timeout);
      }
      case "child" -> child(run, op);
      case "all" -> all(run, op);
      case "attempt" -> attempt(run, op);
      case "since" -> "since " + run.since(op.name());
      case "rollback" -> {
        run.rollback();
        yield "rolled back";
      }
      case "throw" -> throw new IllegalStateException("thrown at " + op.place());
      default -> throw new IllegalArgumentException("no such instruction: " + op.op());
    };
  }

  private String step(Run run, ProgramOp op) {
    var retry = op.failing() < 0 ? BRIEF : PATIENT;
    if (op.canBeUndone()) {
      return run.<Stepped>step(
              op.name(),
              retry,
              () -> stepped(op),
              done -> sql.attempt(scope, "undo " + op.place(), done.nonce()))
          .value();
    }
    return run.<Stepped>step(op.name(), retry, () -> stepped(op)).value();
  }

  private Stepped stepped(ProgramOp op) throws InterruptedException {
    var nonce = UUID.randomUUID().toString();
    long before = sql.attempt(scope, op.place(), nonce);
    if (op.millis() > 0 && new CountDownLatch(1).await(op.millis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody counts this down");
    }
    if (op.failing() < 0 || before < op.failing()) {
      throw new IllegalStateException("attempt " + (before + 1) + " of " + op.place());
    }
    return new Stepped(op.place(), nonce);
  }

  private String transaction(Run run, ProgramOp op) {
    return run.<String>transaction(
        op.name(),
        tx -> {
          long count = sql.count(tx, scope, op.place());
          if (op.failing() < 0) {
            throw new NonRetryable("transaction " + op.place());
          }
          return op.place() + "=" + count;
        });
  }

  private String child(Run run, ProgramOp op) {
    var program = new Program(scope + "/" + op.place(), op.inner());
    return "{"
        + String.join(",", run.child(op.name(), ProgramWorkflow.class, program).values())
        + "}";
  }

  private String all(Run run, ProgramOp op) {
    var branches = new ArrayList<Run.Branch<String>>();
    for (var side : op.sides()) {
      branches.add(branch -> String.join(",", values(branch, side)));
    }
    return "[" + String.join("|", run.all(branches)) + "]";
  }

  private String attempt(Run run, ProgramOp op) throws Exception {
    try {
      return "(" + String.join(",", values(run, op.inner())) + ")";
    } catch (WorkflowError e) {
      return "caught " + e.code().wire();
    }
  }
}
