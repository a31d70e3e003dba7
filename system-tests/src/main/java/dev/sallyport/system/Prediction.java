package dev.sallyport.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a program must have done when it is over, found by executing it in memory in the plainest
 * way: nothing is shared with what executes it durably. Immutable.
 *
 * @param values of a run that completes
 * @param error code of a run that fails
 * @param counted scope and place of each transaction that must have happened exactly once; no other
 *     may have happened
 * @param undone by scope, the places of steps that must have been undone, in this order; no others
 */
record Prediction(
    Optional<List<String>> values,
    Optional<String> error,
    Set<Counter> counted,
    Map<String, List<String>> undone) {

  /** Where a transaction counts. */
  record Counter(String scope, String place) {}

  /**
   * Executes a program.
   *
   * @param scope its own, the generation left out
   */
  static Prediction of(String scope, int generation, List<ProgramOp> ops) {
    var counted = new LinkedHashSet<Counter>();
    var undone = new LinkedHashMap<String, List<String>>();
    try {
      var values = new Interpreter(scope + "#" + generation, counted, undone).run(ops);
      return new Prediction(Optional.of(values), Optional.empty(), counted, undone);
    } catch (Failed e) {
      return new Prediction(Optional.empty(), Optional.of(e.code), counted, undone);
    }
  }

  /** What code sees as an error; one that it cannot catch is {@code failed}. */
  private static final class Failed extends Exception {
    private final String code;

    Failed(String code) {
      super(code);
      this.code = code;
    }
  }

  /** One run. */
  private record Interpreter(
      String scope, Set<Counter> counted, Map<String, List<String>> undone, List<String> undoable) {

    Interpreter(String scope, Set<Counter> counted, Map<String, List<String>> undone) {
      this(scope, counted, undone, new ArrayList<>());
    }

    List<String> run(List<ProgramOp> ops) throws Failed {
      try {
        return values(ops);
      } catch (Failed e) {
        undoAll();
        throw e;
      }
    }

    private List<String> values(List<ProgramOp> ops) throws Failed {
      var values = new ArrayList<String>();
      for (var op : ops) {
        values.add(value(op));
      }
      return values;
    }

    private String value(ProgramOp op) throws Failed {
      return switch (op) {
        case ProgramOp.Step step -> step(step);
        case ProgramOp.Transaction transaction -> transaction(transaction);
        case ProgramOp.Sleep _ -> "slept";
        case ProgramOp.Event event -> event(event);
        case ProgramOp.Child child -> child(child);
        case ProgramOp.All all -> all(all);
        case ProgramOp.Attempt attempt -> attempt(attempt);
        case ProgramOp.Since _ -> "since true";
        case ProgramOp.Rollback _ -> {
          undoAll();
          yield "rolled back";
        }
        case ProgramOp.Throw _ -> throw new Failed("failed");
      };
    }

    private String step(ProgramOp.Step step) throws Failed {
      if (step.fails() < 0) {
        throw new Failed("step-failed");
      }
      if (step.undo()) {
        undoable.add(step.place());
      }
      return step.place();
    }

    private String transaction(ProgramOp.Transaction transaction) throws Failed {
      if (transaction.fails() < 0) {
        throw new Failed("step-failed");
      }
      counted.add(new Counter(scope, transaction.place()));
      return transaction.place() + "=1";
    }

    private static String event(ProgramOp.Event event) throws Failed {
      if (!event.comes()) {
        throw new Failed("event-timeout");
      }
      return event.name();
    }

    private String child(ProgramOp.Child child) throws Failed {
      try {
        var inside = new Interpreter(scope + "/" + child.place() + "#1", counted, undone);
        return "{" + String.join(",", inside.run(child.ops())) + "}";
      } catch (Failed e) {
        throw new Failed("child-failed");
      }
    }

    private String all(ProgramOp.All all) throws Failed {
      var parts = new ArrayList<String>();
      for (var branch : all.branches()) {
        parts.add(String.join(",", values(branch)));
      }
      return "[" + String.join("|", parts) + "]";
    }

    private String attempt(ProgramOp.Attempt attempt) {
      try {
        return "(" + String.join(",", values(attempt.ops())) + ")";
      } catch (Failed e) {
        return "caught " + e.code;
      }
    }

    private void undoAll() {
      for (var place : undoable.reversed()) {
        undone.computeIfAbsent(scope, first -> new ArrayList<>()).add(place);
      }
      undoable.clear();
    }
  }
}
