package dev.sallyport.data.queue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How topics are made. */
@ConfigMapping(prefix = "sallyport.queue")
interface QueueSettings {
  /**
   * On how many brokers each topic is kept; -1 for what the brokers take by default. From 3 on a
   * message counts as sent once two have it. Topics that exist keep what they have.
   */
  @WithDefault("-1")
  short replication();
}
