package dev.sallyport.user.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The audit trail: who called what, and what became of it. */
@ConfigMapping(prefix = "sallyport.audit")
interface AuditSettings {
  /** Whether calls to private services are put on the trail. */
  @WithDefault("true")
  boolean enabled();

  /** Calls that may wait to be sent, 4 MiB of them at the most; what is beyond is not kept. */
  @WithDefault("10000")
  int waitingMax();
}
