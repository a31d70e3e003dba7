package dev.sallyport.data.actor;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A problem on its way from the worker that met it to the one that asked. Immutable.
 *
 * @param type the name of a {@link ProblemType}
 */
@RegisterForReflection(targets = {ProblemNote.class, FieldError.class})
record ProblemNote(
    String type,
    String detail,
    boolean retryable,
    @Nullable Duration retryAfter,
    List<FieldError> errors) {

  static ProblemNote of(Problem problem) {
    return new ProblemNote(
        problem.type().name(),
        problem.detail(),
        problem.retryable(),
        problem.retryAfter(),
        problem.errors());
  }

  /** One of a type that this release does not know is an internal one. */
  Problem problem() {
    var known =
        Stream.of(ProblemType.values())
            .filter(one -> one.name().equals(type))
            .findFirst()
            .orElse(ProblemType.INTERNAL);
    return new Problem(known, detail, retryable, retryAfter, errors);
  }
}
