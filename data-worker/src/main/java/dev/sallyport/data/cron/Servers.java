package dev.sallyport.data.cron;

import dev.sallyport.data.queue.Queues;
import dev.sallyport.data.workflow.Workflows;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;

/** What this worker can start; see {@link Target#server}. Immutable. */
@Singleton
class Servers {
  private final List<String> all;
  private final List<String> jobs;

  @Inject
  Servers(Jobs jobs, Workflows workflows, Queues queues) {
    this.jobs = jobs.all().stream().map(job -> new Target.Job(job.name(), "").server()).toList();
    this.all =
        Stream.of(
                workflows.types().stream().map(type -> new Target.Workflow(type, "").server()),
                queues.names().stream().map(name -> new Target.Queue(name, "", null).server()),
                this.jobs.stream())
            .flatMap(some -> some)
            .toList();
  }

  List<String> all() {
    return all;
  }

  List<String> jobs() {
    return jobs;
  }
}
