package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.workflow.Retry;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.data.workflow.WorkflowOptions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Runs steps, with a sleep between any two where one is asked for. Type {@code sample-steps}. */
@ApplicationScoped
class SampleSteps implements Workflow<SampleSteps.Plan, SampleSteps.Done> {
  private static final Retry RETRY = Retry.DEFAULT.exponential(Duration.ofMillis(100));

  private final SampleSettings settings;

  @Inject
  SampleSteps(SampleSettings settings) {
    this.settings = settings;
  }

  /**
   * What to do.
   *
   * @param steps how many, 1 to 10,000
   * @param sleepMs between two steps; 0 or absent for not at all, at most a day
   * @param failAttempts how many attempts of each step fail before one succeeds. From 5 on none
   *     does: {@link Retry#DEFAULT} gives up then
   */
  @RegisterForReflection
  record Plan(int steps, @Nullable Long sleepMs, @Nullable Integer failAttempts) {
    Plan {
      require(steps >= 1 && steps <= 10_000, "steps is a number from 1 to 10000");
      require(
          sleepMs == null || (sleepMs >= 0 && sleepMs <= 86_400_000),
          "sleepMs is a number from 0 to 86400000");
      require(failAttempts == null || failAttempts >= 0, "failAttempts is a number from 0");
    }

    Duration sleep() {
      return Duration.ofMillis(sleepMs == null ? 0 : sleepMs);
    }

    boolean fails(int attempt) {
      return failAttempts != null && attempt <= failAttempts;
    }
  }

  /** The number of steps that were done. */
  @RegisterForReflection
  record Done(int steps) {}

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.access(Access.users());
  }

  @Override
  public Done run(Run run, Plan plan) {
    for (int i = 1; i <= plan.steps(); i++) {
      int number = i;
      run.step("step-" + number, RETRY, () -> attempt(run, plan, number));
      if (plan.sleep().isPositive() && i < plan.steps()) {
        run.sleep("sleep-" + i, plan.sleep());
      }
    }
    return new Done(plan.steps());
  }

  private static int attempt(Run run, Plan plan, int number) {
    if (plan.fails(run.attempt())) {
      throw new IllegalStateException("attempt " + run.attempt() + " fails as it was asked to");
    }
    return number;
  }
}
