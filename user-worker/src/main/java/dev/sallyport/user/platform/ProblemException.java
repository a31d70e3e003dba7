package dev.sallyport.user.platform;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;

/**
 * A failure that has its answer with it. Carries no stack trace: it is an outcome, not a defect.
 */
public final class ProblemException extends RuntimeException {
  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.type().urn() + ": " + problem.detail(), null, false, false);
    this.problem = problem;
  }

  public ProblemException(ProblemType type, String detail) {
    this(Problem.of(type, detail));
  }

  public Problem problem() {
    return problem;
  }
}
