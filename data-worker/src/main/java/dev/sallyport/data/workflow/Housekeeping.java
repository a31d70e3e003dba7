package dev.sallyport.data.workflow;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import org.jboss.logging.Logger;

/**
 * Finds runs that nobody executes: those of dead workers, and those that Postgres says are executed
 * here but are not, because the answer to a claim or a commit was lost. Any number of workers may
 * do so at once. Confined to one virtual thread, see {@link Life}.
 */
@Singleton
class Housekeeping {
  /** Half a second on top of a lease of six leaves most of the 15 s to the work itself. */
  static final Duration EVERY = Duration.ofMillis(500);

  private static final int BATCH_MAX = 500;

  private static final Logger LOG = Logger.getLogger(Housekeeping.class);

  private final ClaimSql claims;
  private final Engine engine;
  private final WorkerLease lease;
  private final Retention retention;
  private final Doorbell pause = new Doorbell();
  private final News news = new News(System::nanoTime);

  @Inject
  Housekeeping(ClaimSql claims, Engine engine, WorkerLease lease, Retention retention) {
    this.claims = claims;
    this.engine = engine;
    this.lease = lease;
    this.retention = retention;
  }

  /** Keeps house until it is interrupted. */
  void run() {
    try {
      while (true) {
        pause.await(EVERY);
        round();
      }
    } catch (InterruptedException stopped) {
      LOG.debug("keeps house no more");
    }
  }

  private void round() throws InterruptedException {
    var owner = lease.incarnation();
    if (owner.isEmpty()) {
      return;
    }
    try {
      takeFromTheDead(owner.getAsLong());
      giveBack(owner.getAsLong());
      engine.lookForNews();
      retention.round();
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("runs of dead workers cannot be looked for: %s", e.getMessage());
      }
    }
  }

  private void takeFromTheDead(long me) {
    var owners = new HashSet<>(claims.owners(me));
    owners.addAll(claims.servers());
    owners.remove(me);
    if (owners.isEmpty()) {
      return;
    }
    var dead = lease.dead(owners);
    if (dead.isEmpty()) {
      return;
    }
    int taken;
    do {
      taken = claims.releaseDead(dead, BATCH_MAX);
      if (taken > 0) {
        LOG.infof("%d runs are taken from workers that died", taken);
        claims.notifyReady();
        engine.kick();
      }
    } while (taken == BATCH_MAX);
    claims.servesNoMore(dead);
  }

  /** Looked at twice, so that one that is just being claimed or dropped is not meant. */
  private void giveBack(long me) {
    var here = engine.running();
    var nowhere = new HashSet<>(claims.held(me));
    nowhere.removeAll(here);
    nowhere.removeAll(engine.running());
    if (!nowhere.isEmpty()) {
      int given = claims.release(me, nowhere);
      LOG.infof("%d runs that were lost sight of are queued again", given);
      engine.kick();
    }
  }
}
