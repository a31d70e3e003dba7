package dev.sallyport.data.platform;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** This process among its like. */
@ConfigMapping(prefix = "sallyport.worker")
interface WorkerSettings {
  /**
   * Names this worker in answers and logs; two that run at once must differ. Absent: a new random
   * one at each start.
   */
  Optional<String> id();
}
