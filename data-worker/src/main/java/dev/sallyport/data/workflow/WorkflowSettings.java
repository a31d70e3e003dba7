package dev.sallyport.data.workflow;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much of the work one worker takes on. */
@ConfigMapping(prefix = "sallyport.workflow")
interface WorkflowSettings {
  /**
   * Runs that this worker executes at once; waiting ones do not count. Each has a virtual thread
   * and its journal in memory.
   */
  @WithDefault("1000")
  int slots();
}
