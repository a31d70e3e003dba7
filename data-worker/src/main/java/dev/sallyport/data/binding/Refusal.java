package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;

/**
 * Ends a call with a {@link Problem}. Thrown by services and by the binding itself; it is an answer
 * rather than a failure, so it has no stack trace and nobody logs it.
 */
public final class Refusal extends RuntimeException {
  private final transient Problem problem;

  private Refusal(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public static Refusal of(Problem problem) {
    return new Refusal(problem);
  }

  public static Refusal of(ProblemType type, String detail) {
    return new Refusal(Problem.of(type, detail));
  }

  public Problem problem() {
    return problem;
  }
}
