package dev.sallyport.data.workflow;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.workflow.Execution.Departure;
import dev.sallyport.data.workflow.Ledger.Change;
import dev.sallyport.data.workflow.Ledger.Next;
import dev.sallyport.model.UuidV7;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * The runs that this worker executes now. Each has a place, of which there are as many as {@link
 * WorkflowSettings#slots}, and a virtual thread. Thread-safe.
 */
@Singleton
class Engine implements Execution.Host {
  /** A run that so many workers died over, without a result between, is not tried again. */
  static final int RECOVERIES_MAX = 5;

  private static final int WORTH_A_CLAIM = 32;

  private static final Logger LOG = Logger.getLogger(Engine.class);

  private final WorkerLease lease;
  private final Registry registry;
  private final Doorbell doorbell = new Doorbell();
  private final JournalSql journal;
  private final Followers followers;
  private final Tools tools;
  private final Semaphore places;
  private final Map<Long, Execution> executions = new ConcurrentHashMap<>();
  private final Map<Execution, Place> taken = new ConcurrentHashMap<>();
  private final Map<Departure, Counter> departures = new EnumMap<>(Departure.class);
  private final Map<RunStatus, Counter> finished = new EnumMap<>(RunStatus.class);

  /** Room for so many more is worth a statement while runs are queued. */
  private final int worthAClaim;

  private volatile boolean backlog;
  private volatile boolean stopped;

  /** Room for one run. */
  final class Place {
    private final long owner;

    private Place(long owner) {
      this.owner = owner;
    }

    /** The incarnation that it is claimed under. */
    long owner() {
      return owner;
    }

    void free() {
      places.release();
    }
  }

  @Inject
  Engine(
      WorkerLease lease,
      Registry registry,
      PostgresLedger ledger,
      JournalSql journal,
      Followers followers,
      Payloads payloads,
      WorkflowSettings settings,
      Clock clock,
      MeterRegistry metrics) {
    this.lease = lease;
    this.registry = registry;
    this.journal = journal;
    this.followers = followers;
    this.places = new Semaphore(settings.slots());
    this.worthAClaim = Math.clamp(settings.slots() / 4, 1, WORTH_A_CLAIM);
    this.tools =
        new Tools(
            ledger,
            payloads,
            registry,
            new UuidV7(clock, new SecureRandom()),
            Tools.following(System::nanoTime),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextLong(),
            lease::isHeld,
            Tools.ENTRIES_MAX);
    Gauge.builder("sallyport_workflow_executing_runs", executions, Map::size)
        .description("Runs that this worker executes; waiting ones do not count")
        .register(metrics);
    for (var how : Departure.values()) {
      departures.put(
          how,
          Counter.builder("sallyport.workflow.departures")
              .description("Runs that left this worker's memory, and how")
              .tag("how", how.name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .register(metrics));
    }
    for (var status : List.of(RunStatus.COMPLETE, RunStatus.ERRORED)) {
      finished.put(
          status,
          Counter.builder("sallyport.workflow.finished.runs")
              .description("Runs that this worker brought to their end, and to which")
              .tag("status", status.wire())
              .register(metrics));
    }
  }

  /**
   * Room for a run that is just being made, if nothing that is queued has to wait for it: whoever
   * comes now must not be served before those who came earlier.
   */
  Optional<Place> takeSparePlace() {
    var place = backlog ? Optional.<Place>empty() : takePlace();
    if (place.isEmpty()) {
      backlog = true;
    }
    return place;
  }

  /** The dispatcher's word on whether more is queued than there was room for. */
  void backlog(boolean more) {
    backlog = more;
  }

  /** Rings when there may be something to claim. */
  Doorbell doorbell() {
    return doorbell;
  }

  /** Room for one more run, if there is and this worker may claim. */
  Optional<Place> takePlace() {
    var owner = lease.incarnation();
    if (stopped || owner.isEmpty() || !lease.isHeld(owner.getAsLong()) || !places.tryAcquire()) {
      return Optional.empty();
    }
    return Optional.of(new Place(owner.getAsLong()));
  }

  /** How many more runs there is room for. */
  int room() {
    return places.availablePermits();
  }

  /** Executes a run that was claimed for this place. */
  void begin(Claim claim, Place place) {
    var definition = registry.find(claim.type(), claim.version()).orElse(null);
    if (definition == null || stopped) {
      place.free();
      return;
    }
    var execution = new Execution(claim, definition, tools, this);
    taken.put(execution, place);
    var twin = executions.put(claim.run(), execution);
    if (twin != null) {
      twin.drop(Departure.LOST); // taken from it by a control call, and claimed here again
    }
    Thread.ofVirtual().name("run-", claim.run()).start(execution);
  }

  /** Ends a run that is not executed any more because workers die of it. */
  void condemn(Claim claim, Place place) {
    LOG.errorf(
        "run %s of %s is not tried again: the last %d workers that executed it died",
        claim.id(), claim.type(), RECOVERIES_MAX);
    var note =
        new ErrorNote(
            WorkflowError.Code.CRASHED,
            "the last " + RECOVERIES_MAX + " workers that executed this run died",
            null,
            true);
    var end = new Next.End(RunStatus.ERRORED, null, note, claim.told());
    var _ =
        tools
            .ledger()
            .commit(
                new Change(
                    claim.run(), claim.fence(), claim.generation(), List.of(), List.of(), end))
            .whenComplete((outcome, failure) -> {
              place.free();
              if (outcome == Ledger.Outcome.WRITTEN) {
                count(RunStatus.ERRORED);
              }
            });
  }

  private void count(RunStatus status) {
    var counter = finished.get(status);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void departed(Execution execution, Departure how) {
    executions.remove(execution.claim().run(), execution);
    var place = taken.remove(execution);
    if (place != null) {
      place.free();
    }
    var counter = departures.get(how);
    if (counter != null) {
      counter.increment();
    }
    if (how == Departure.ENDED) {
      count(execution.outcome());
      followers.finished(execution.claim().run(), execution::finished);
    }
    if (backlog && places.availablePermits() >= worthAClaim) {
      doorbell.ring();
    }
  }

  @Override
  public void changed(Execution execution) {
    followers.changed(execution.claim().run());
  }

  @Override
  public void rests(Duration time) {
    doorbell.ringIn(time);
  }

  /** Something is ready to be claimed. */
  void kick() {
    doorbell.ring();
  }

  /**
   * A run was taken from whoever executed it, which may be this worker's execution of it or an
   * earlier one. Blocks.
   */
  void lost(long run) {
    var execution = executions.get(run);
    if (execution != null && execution.claim().fence() != journal.fence(run)) {
      execution.drop(Departure.LOST);
    }
  }

  /** Something came for a run that may be executed here. Blocks. */
  void news(long run) {
    var execution = executions.get(run);
    if (execution != null) {
      execution.lookForNews();
    }
  }

  /** Looks for what has come for runs without a word. Blocks. */
  void lookForNews() {
    executions.values().forEach(Execution::lookForNews);
  }

  /** Looks after the time of steps. */
  void watch() {
    long now = System.nanoTime();
    for (var execution : executions.values()) {
      try {
        execution.watch(now);
      } catch (RuntimeException e) {
        // The next run must be watched over all the same.
        LOG.errorf(e, "steps of run %s cannot be watched", execution.claim().id());
      }
    }
  }

  /** Which runs are executed here. */
  Set<Long> running() {
    return Set.copyOf(executions.keySet());
  }

  /** Drops every run of an incarnation: others may have them. */
  void dropAll(long owner) {
    for (var execution : List.copyOf(executions.values())) {
      if (execution.claim().owner() == owner) {
        // Each on its own: one may have to wait for a commit that hangs.
        Thread.startVirtualThread(() -> execution.drop(Departure.LOST));
      }
    }
  }

  /** Takes on nothing more. */
  void stop() {
    stopped = true;
  }
}
