package dev.sallyport.user.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.model.AuditedCalls;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.binding.CallTrail;
import dev.sallyport.user.binding.EndedCall;
import dev.sallyport.user.queue.OwnMessages;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Puts every call to a private service on the trail: a bounded buffer, emptied by one thread that
 * sends what has gathered as messages of the queue {@code audit}. A call is never held up; what
 * finds the buffer full is dropped and counted. While Kafka is away one message is sent again until
 * it has arrived, under the same id, and those behind it wait.
 */
@ApplicationScoped
@RegisterForReflection(targets = {AuditedCalls.class, AuditedCalls.Call.class})
class AuditTrail implements CallTrail {
  private static final Logger LOG = Logger.getLogger(AuditTrail.class);

  /** What gathers while nothing is sent; it also says how often the thread looks. */
  private static final Duration GATHERS_FOR = Duration.ofMillis(100);

  private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(6);
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration AGAIN_AFTER_MAX = Duration.ofSeconds(10);

  /** The bytes of the buffer allow no more in any case. */
  private static final int WAITING_MAX = 100_000;

  private static final Duration LAST_WITHIN = Duration.ofSeconds(2);

  private final boolean enabled;
  private final AuditBuffer buffer;
  private final OwnMessages messages;
  private final ObjectMapper json;
  private final UuidV7 ids;
  private final InstantSource clock;
  private final Counter sent;
  private final Counter dropped;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().name("audit-trail").daemon().unstarted(this::run);

  @Inject
  AuditTrail(
      AuditSettings settings,
      OwnMessages messages,
      ObjectMapper json,
      UuidV7 ids,
      InstantSource clock,
      MeterRegistry metrics) {
    this.enabled = settings.enabled();
    this.buffer = new AuditBuffer(waitingMax(settings));
    this.messages = messages;
    this.json = json;
    this.ids = ids;
    this.clock = clock;
    this.sent =
        Counter.builder("sallyport_audit_sent")
            .description("Calls on the audit trail that Kafka has acknowledged")
            .register(metrics);
    this.dropped =
        Counter.builder("sallyport_audit_dropped")
            .description("Calls that are not on the audit trail, since too many waited")
            .register(metrics);
    Gauge.builder("sallyport_audit_waiting", buffer, AuditBuffer::count)
        .description("Calls that wait to be put on the audit trail")
        .register(metrics);
  }

  private static int waitingMax(AuditSettings settings) {
    int max = settings.waitingMax();
    if (max < 1 || max > WAITING_MAX) {
      throw new ConfigurationException(
          "sallyport.audit.waiting-max must be between 1 and " + WAITING_MAX + ", and is " + max);
    }
    return max;
  }

  @Override
  public void ended(EndedCall call) {
    if (enabled && !buffer.add(call, clock.millis())) {
      dropped.increment();
    }
  }

  void start(@Observes StartupEvent start) {
    if (enabled) {
      thread.start();
    }
  }

  /** After the last request was answered: what waits has two seconds to go. */
  void stop(@Observes ShutdownEvent stop) throws InterruptedException {
    stopping.countDown();
    if (thread.isAlive() && !thread.join(LAST_WITHIN)) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      boolean last;
      do {
        last = stopping.await(GATHERS_FOR.toMillis(), TimeUnit.MILLISECONDS);
        for (var calls = buffer.take(); !calls.isEmpty(); calls = buffer.take()) {
          deliver(calls);
        }
      } while (!last);
    } catch (InterruptedException stopped) {
      LOG.debug("puts no more calls on the audit trail");
    }
    if (buffer.count() > 0) {
      LOG.warnf("%d calls are not on the audit trail", buffer.count());
    }
  }

  /** Sends it until it has arrived, or this worker stops. */
  private void deliver(List<AuditedCalls.Call> calls) throws InterruptedException {
    byte[] body = written(calls);
    var id = ids.next().toString();
    var pause = AGAIN_AFTER;
    while (!isDelivered(id, body)) {
      if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        dropped.increment(calls.size());
        return;
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(AGAIN_AFTER_MAX) > 0 ? AGAIN_AFTER_MAX : pause;
    }
    sent.increment(calls.size());
  }

  private boolean isDelivered(String id, byte[] body) throws InterruptedException {
    try {
      messages
          .send(AuditedCalls.QUEUE, id, body)
          .toCompletionStage()
          .toCompletableFuture()
          .get(ACKNOWLEDGED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      // Said once for all, by the platform's Kafka.
      LOG.debugf("a piece of the audit trail was not acknowledged: %s", e);
      return false;
    }
  }

  private byte[] written(List<AuditedCalls.Call> calls) {
    try {
      return json.writeValueAsBytes(new AuditedCalls(calls));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers can always be written", e);
    }
  }
}
