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

  /**
   * Where user-workers reach this very process, not just any of its like: {@code http://host:port}
   * or {@code https://host:port}. Absent where there is only one, as on a developer's machine. See
   * {@link WorkerAddress}.
   */
  Optional<String> address();
}
