package dev.sallyport.data.cron;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much of the work one worker takes on. */
@ConfigMapping(prefix = "sallyport.cron")
interface CronSettings {
  /**
   * Jobs that this worker executes at once; others wait. Each has a virtual thread. Zero for a
   * worker that executes none; it still fires schedules.
   */
  @WithDefault("50")
  int jobs();
}
