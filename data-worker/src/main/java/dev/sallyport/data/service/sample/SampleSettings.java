package dev.sallyport.data.service.sample;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Whether the samples are there. */
@ConfigMapping(prefix = "sallyport.sample")
interface SampleSettings {
  /**
   * Opens the samples to every signed-in user. Default false; true in the local profile and in
   * tests. Read at the start.
   */
  @WithDefault("false")
  boolean enabled();
}
