package dev.sallyport.data.binding;

import dev.sallyport.model.UnderWay;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Lets this worker go without cutting anyone off: sockets are told to come back elsewhere, calls
 * under way are finished, and each answer asks its connection to be closed.
 *
 * <p>Not {@code quarkus.shutdown.timeout}: it counts an upgraded request as under way for ever, so
 * that a worker that has had one WebSocket always takes the whole timeout to stop. The event used
 * here is fired by {@code quarkus.shutdown.delay-enabled}, on the thread that stops the worker and
 * before anything has stopped; readiness is down from then on.
 */
@Singleton
class Departure {
  /**
   * A worker is gone within 20 s, and Quarkus takes 10 of them to give up on connections to a
   * Postgres that hangs.
   */
  static final Duration PATIENCE = Duration.ofSeconds(9);

  private static final Logger LOG = Logger.getLogger(Departure.class);

  private final UnderWay underWay;
  private final Sockets sockets;

  @Inject
  Departure(UnderWay underWay, Sockets sockets) {
    this.underWay = underWay;
    this.sockets = sockets;
  }

  /** What the gate and the sockets count in. */
  @Produces
  @Singleton
  static UnderWay underWay() {
    return new UnderWay();
  }

  void leave(@Observes ShutdownDelayInitiatedEvent stop) throws InterruptedException {
    underWay.leave();
    sockets.closeAll();
    if (!underWay.awaitNothing(PATIENCE)) {
      LOG.warnf("%d calls and sockets are cut off: not done within %s", underWay.count(), PATIENCE);
    }
  }
}
