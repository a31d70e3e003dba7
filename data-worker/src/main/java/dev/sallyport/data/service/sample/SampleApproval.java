package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.data.workflow.WorkflowOptions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** Waits for the event {@code approval} and gives what it brought. Type {@code sample-approval}. */
@ApplicationScoped
class SampleApproval implements Workflow<SampleApproval.Nothing, SampleApproval.Approved> {
  private final SampleSettings settings;

  @Inject
  SampleApproval(SampleSettings settings) {
    this.settings = settings;
  }

  /** It takes no parameters. */
  @RegisterForReflection
  record Nothing() {}

  /**
   * What came.
   *
   * @param approved the event's payload, whatever it was
   */
  @RegisterForReflection
  record Approved(@Nullable Object approved) {}

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.access(Access.users());
  }

  @Override
  public Approved run(Run run, Nothing nothing) {
    return new Approved(run.waitFor("approval", Object.class));
  }
}
