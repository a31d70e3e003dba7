package dev.sallyport.user.limit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much one sender may ask, where a route does not say otherwise. */
@ConfigMapping(prefix = "sallyport.limit")
interface LimitSettings {
  /**
   * Requests a minute without a credential, or with one that fails, from one address: 1 to
   * 60,000,000.
   */
  @WithDefault("100")
  int addressPerMinute();

  /** Requests a minute of one user, or with one API key: 1 to 60,000,000. */
  @WithDefault("1000")
  int principalPerMinute();

  /**
   * How long a request waits for Redis before it is decided without: 1 ms to 5 s. The next ones do
   * not wait at all for a second.
   */
  @WithDefault("PT0.05S")
  Duration patience();
}
