package dev.sallyport.data.service.sample;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * A program to be executed durably.
 *
 * @param scope under which it counts what it does
 */
@RegisterForReflection
record Program(String scope, List<ProgramOp> ops) {
  Program {
    ops = List.copyOf(ops);
  }

  /**
   * What a program gave.
   *
   * @param values one for each instruction that was executed
   */
  @RegisterForReflection
  record Result(List<String> values) {
    Result {
      values = List.copyOf(values);
    }
  }
}
