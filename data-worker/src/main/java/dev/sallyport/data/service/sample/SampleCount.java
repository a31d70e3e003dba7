package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.data.workflow.WorkflowOptions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Adds to a counter, each time in the commit that records the step, so exactly once whatever
 * happens. Type {@code sample-count}.
 */
@ApplicationScoped
class SampleCount implements Workflow<SampleCount.Plan, SampleCount.Counted> {
  private final SampleSettings settings;

  @Inject
  SampleCount(SampleSettings settings) {
    this.settings = settings;
  }

  /**
   * What to count.
   *
   * @param key of the counter
   * @param times how often 1 is added, 1 to 10,000
   */
  @RegisterForReflection
  record Plan(String key, int times) {
    Plan {
      if (!SampleSql.isKey(key)) {
        throw new IllegalArgumentException("key is " + SampleSql.KEY_FORM);
      }
      if (times < 1 || times > 10_000) {
        throw new IllegalArgumentException("times is a number from 1 to 10000");
      }
    }
  }

  /** The counter after the last time. */
  @RegisterForReflection
  record Counted(String key, long value) {}

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.access(Access.users());
  }

  @Override
  public Counted run(Run run, Plan plan) {
    long value = 0;
    for (int i = 0; i < plan.times(); i++) {
      value = run.transaction("add", tx -> SampleSql.add(tx, plan.key()));
    }
    return new Counted(plan.key(), value);
  }
}
