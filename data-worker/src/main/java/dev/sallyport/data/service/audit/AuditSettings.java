package dev.sallyport.data.service.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The audit trail. */
@ConfigMapping(prefix = "sallyport.audit")
interface AuditSettings {
  /** How long a call stays on the trail, at least an hour. */
  @WithDefault("P90D")
  Duration keep();
}
