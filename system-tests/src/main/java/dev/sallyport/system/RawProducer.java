package dev.sallyport.system;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own client with nothing around it: one producer, {@code acks=all}, so many messages in
 * flight, each awaited. What sends over HTTP are held against.
 */
final class RawProducer {
  private static final long LATENCY_MAX_NANOS = 60_000_000_000L;

  private final String bootstrapServers;
  private final String topic;
  private final byte[] body;
  private final int inFlight;

  RawProducer(String bootstrapServers, String topic, byte[] body, int inFlight) {
    this.bootstrapServers = bootstrapServers;
    this.topic = topic;
    this.body = body.clone();
    this.inFlight = inFlight;
  }

  /** Loads for {@code rampUp}, which does not count, then for {@code length}, which does. */
  LoadGenerator.Result run(Duration rampUp, Duration length, LoadGenerator.Window window) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "acks",
            "all",
            "linger.ms",
            0,
            "enable.metrics.push",
            false);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      load(producer, rampUp, new ConcurrentHistogram(LATENCY_MAX_NANOS, 3), new AtomicLong());
      var latencies = new ConcurrentHistogram(LATENCY_MAX_NANOS, 3);
      var failed = new AtomicLong();
      window.begins();
      var took = load(producer, length, latencies, failed);
      window.ends();
      return new LoadGenerator.Result(
          latencies.getTotalCount(), failed.get(), null, took, latencies);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Duration load(
      KafkaProducer<byte[], byte[]> producer,
      Duration length,
      ConcurrentHistogram latencies,
      AtomicLong failed)
      throws InterruptedException {
    var permits = new Semaphore(inFlight);
    long began = System.nanoTime();
    while (System.nanoTime() - began < length.toNanos()) {
      permits.acquire();
      long sentAt = System.nanoTime();
      var _ =
          producer.send(
              new ProducerRecord<>(topic, body),
              (metadata, failure) -> {
                if (failure == null) {
                  latencies.recordValue(Math.min(System.nanoTime() - sentAt, LATENCY_MAX_NANOS));
                } else {
                  failed.incrementAndGet();
                }
                permits.release();
              });
    }
    permits.acquire(inFlight);
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
