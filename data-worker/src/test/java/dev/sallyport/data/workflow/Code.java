package dev.sallyport.data.workflow;

import org.jspecify.annotations.Nullable;

/** A workflow for one test. */
final class Code implements Workflow<Object, Object> {
  /** What it does. */
  @FunctionalInterface
  interface Body {
    @Nullable Object run(Run run) throws Exception;
  }

  private final Body body;

  Code(Body body) {
    this.body = body;
  }

  @Override
  @SuppressWarnings("NullAway") // a test may well give nothing
  public Object run(Run run, Object params) throws Exception {
    return body.run(run);
  }

  static WorkflowHarness harness(Body body) {
    return WorkflowHarness.of(new Code(body));
  }
}
