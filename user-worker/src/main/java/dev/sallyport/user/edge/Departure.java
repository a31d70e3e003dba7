package dev.sallyport.user.edge;

import dev.sallyport.model.UnderWay;
import dev.sallyport.user.binding.SocketDoor;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Leaves in order: connections end with their next answer, sockets are closed now, requests may
 * finish. Quarkus's own wait counts an upgraded request as under way for ever.
 */
@Singleton
class Departure {
  /** A worker is gone within 20 s; a store that hangs takes Quarkus another 10 s to close. */
  private static final Duration PATIENCE = Duration.ofSeconds(9);

  /** They have had the requests' time too. */
  private static final Duration SOCKETS_PATIENCE = Duration.ofSeconds(3);

  private static final Logger LOG = Logger.getLogger(Departure.class);

  private final UnderWay underWay;
  private final SocketDoor sockets;

  @Inject
  Departure(UnderWay underWay, SocketDoor sockets) {
    this.underWay = underWay;
    this.sockets = sockets;
  }

  /** What the edge counts requests in. */
  @Produces
  @Singleton
  static UnderWay underWay() {
    return new UnderWay();
  }

  void leave(@Observes ShutdownDelayInitiatedEvent stop) throws InterruptedException {
    underWay.leave();
    sockets.closeAll();
    if (!underWay.awaitNothing(PATIENCE)) {
      LOG.warnf("%d requests are cut off: not done within %s", underWay.count(), PATIENCE);
    }
    if (!sockets.awaitClosed(SOCKETS_PATIENCE)) {
      LOG.warnf("sockets are cut off: not closed within %s", SOCKETS_PATIENCE);
    }
  }
}
