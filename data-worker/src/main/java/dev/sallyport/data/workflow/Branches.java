package dev.sallyport.data.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The branches of one {@link Run#all}, each on a virtual thread. Confined to the thread that waits
 * for them.
 *
 * @param <T> a branch's result
 */
final class Branches<T extends @Nullable Object> {
  private final Execution execution;
  private final String prefix;
  private final Consumer<BranchRun> afterwards;

  /**
   * @param prefix of the branches' names; their number follows
   * @param afterwards gets each branch, in order, when all are done
   */
  Branches(Execution execution, String prefix, Consumer<BranchRun> afterwards) {
    this.execution = execution;
    this.prefix = prefix;
    this.afterwards = afterwards;
  }

  /** One of them; its fields are written by its thread before {@link Stillness#done}. */
  private static final class One<T extends @Nullable Object> {
    @Nullable BranchRun run;
    @Nullable T result;
    @Nullable Throwable failure;
  }

  List<T> run(List<? extends Run.Branch<T>> branches) {
    var fork = execution.stillness().fork(branches.size());
    var all = new ArrayList<One<T>>();
    for (int i = 0; i < branches.size(); i++) {
      var one = new One<T>();
      var branch = branches.get(i);
      var name = prefix + i;
      all.add(one);
      Thread.ofVirtual().start(() -> run(name, branch, one, fork));
    }
    execution.stillness().join(fork);
    return results(all);
  }

  private void run(String name, Run.Branch<T> branch, One<T> one, Stillness.Fork fork) {
    execution.enter();
    try {
      var run = new BranchRun(execution, name);
      one.run = run;
      one.result = branch.run(run);
    } catch (Throwable failure) {
      one.failure = failure;
    } finally {
      execution.exit();
      execution.stillness().done(fork);
    }
  }

  @SuppressWarnings("NullAway") // a branch without failure has its result, which T may let be null
  private List<T> results(List<One<T>> all) {
    for (var one : all) {
      if (one.run != null) {
        afterwards.accept(one.run);
      }
    }
    var results = new ArrayList<T>();
    for (var one : all) {
      if (one.failure != null) {
        throw thrown(one.failure);
      }
      results.add(one.result);
    }
    return results;
  }

  private static RuntimeException thrown(Throwable failure) {
    return switch (failure) {
      case Error error -> throw error;
      case RuntimeException unchecked -> unchecked;
      default ->
          WorkflowError.of(
              new ErrorNote(WorkflowError.Code.FAILED, ErrorNote.describe(failure), null, true));
    };
  }
}
