package dev.sallyport.data.workflow;

import jakarta.enterprise.context.ApplicationScoped;

/** A workflow that no client may reach. */
@ApplicationScoped
class Closed implements Workflow<Closed.Nothing, String> {
  record Nothing() {}

  @Override
  public String run(Run run, Nothing nothing) {
    return "done";
  }
}
