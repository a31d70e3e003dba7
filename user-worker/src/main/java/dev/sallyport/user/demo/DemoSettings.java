package dev.sallyport.user.demo;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Whether there is something to try out. */
@ConfigMapping(prefix = "sallyport.demo")
interface DemoSettings {
  /** Whether the pages below {@code /demo} are there. They are open to everybody. */
  @WithDefault("false")
  boolean enabled();
}
