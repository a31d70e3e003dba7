package dev.sallyport.data.service.audit;

import dev.sallyport.data.cron.Cron;
import dev.sallyport.data.cron.Fire;
import dev.sallyport.data.cron.ScheduledJob;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/** Removes calls from the trail whose time is over, a bounded number in each transaction. */
@Cron(every = "PT1H")
@ApplicationScoped
class AuditRetention implements ScheduledJob {
  private static final int TOGETHER_MAX = 5_000;
  private static final Duration KEEP_MIN = Duration.ofHours(1);

  private final AuditSql sql;
  private final Duration keep;

  @Inject
  AuditRetention(AuditSql sql, AuditSettings settings) {
    this.sql = sql;
    this.keep = settings.keep();
    if (keep.compareTo(KEEP_MIN) < 0) {
      throw new ConfigurationException("sallyport.audit.keep must be at least an hour");
    }
  }

  @Override
  public void run(Fire fire) {
    while (sql.deleteOld(keep, TOGETHER_MAX) == TOGETHER_MAX) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }
}
