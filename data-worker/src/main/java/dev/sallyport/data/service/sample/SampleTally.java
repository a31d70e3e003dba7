package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.data.workflow.WorkflowOptions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Has a {@code counter} actor add 1 in each step, exactly once whatever happens: a repeated attempt
 * brings the key of the first. Type {@code sample-tally}.
 */
@ApplicationScoped
class SampleTally implements Workflow<SampleTally.Plan, SampleTally.Tallied> {
  private final SampleSettings settings;
  private final Tallies tallies;

  @Inject
  SampleTally(SampleSettings settings, Tallies tallies) {
    this.settings = settings;
    this.tallies = tallies;
  }

  /**
   * What to count.
   *
   * @param key of the actor
   * @param times how often 1 is added, 1 to 1,000
   */
  @RegisterForReflection
  record Plan(String key, int times) {
    Plan {
      if (!Tallies.isKey(key)) {
        throw new IllegalArgumentException("key is 1 to 64 characters, none of them U+0000");
      }
      if (times < 1 || times > 1_000) {
        throw new IllegalArgumentException("times is a number from 1 to 1000");
      }
    }
  }

  /** The actor's value after the last time. */
  @RegisterForReflection
  record Tallied(String key, long value) {}

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.access(Access.users());
  }

  @Override
  public Tallied run(Run run, Plan plan) {
    long value = 0;
    for (int i = 0; i < plan.times(); i++) {
      value = run.step("add", () -> tallies.add(plan.key(), run.idempotencyKey()));
    }
    return new Tallied(plan.key(), value);
  }
}
