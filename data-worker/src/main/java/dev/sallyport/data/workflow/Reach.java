package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Which workflows and runs a caller can reach over HTTP. What it cannot reach looks as if it were
 * not there. Thread-safe.
 */
@Singleton
class Reach {
  private final Registry registry;

  @Inject
  Reach(Registry registry) {
    this.registry = registry;
  }

  /**
   * The workflow that this caller may start.
   *
   * @throws Refusal 404
   */
  Definition toStart(Caller.User caller, String type) {
    return registry
        .find(type)
        .filter(definition -> definition.options().access().admits(caller))
        .orElseThrow(() -> noWorkflow());
  }

  /**
   * Whether this caller may look at and control runs of a type, if they are its own; an admin may
   * whatever the type, even when this worker does not know it.
   *
   * @throws Refusal 404
   */
  void check(Caller.User caller, String type) {
    if (!admits(caller, type)) {
      throw noWorkflow();
    }
  }

  boolean admits(Caller.User caller, String type) {
    return caller.isAdmin()
        || registry
            .find(type)
            .filter(definition -> definition.options().access().admits(caller))
            .isPresent();
  }

  static boolean sees(Caller.User caller, String principal) {
    return caller.isAdmin() || principal.equals(caller.id());
  }

  private static Refusal noWorkflow() {
    return Refusal.of(ProblemType.NOT_FOUND, "There is no such workflow.");
  }

  static Refusal noRun() {
    return Refusal.of(ProblemType.NOT_FOUND, "There is no such run.");
  }
}
