package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.workflow.Run;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.data.workflow.WorkflowOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Workflow {@code sample-program}: executes the program that its params are. It is what {@code
 * ./sallyport verify} attacks, with thousands of random programs whose results it can tell
 * beforehand.
 */
@ApplicationScoped
class ProgramWorkflow implements Workflow<Program, Program.Result> {
  private final SampleSettings settings;
  private final ProgramSql sql;

  @Inject
  ProgramWorkflow(SampleSettings settings, ProgramSql sql) {
    this.settings = settings;
    this.sql = sql;
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.type("sample-program").access(Access.users());
  }

  @Override
  public Program.Result run(Run run, Program program) throws Exception {
    // A restart counts anew.
    var scope = program.scope() + "#" + run.generation();
    return new Program.Result(new ProgramRun(sql, scope).values(run, program.ops()));
  }
}
