package dev.sallyport.system;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * One window of publishes of {@link RoomsBench}, until the last delivery of it; CPU times are per
 * delivery.
 *
 * @param perSecond deliveries
 * @param missing deliveries that did not come
 * @param unacknowledged publishes that were not
 * @param wrong deliveries that came twice or in another order
 */
record RoomSample(
    long published,
    long delivered,
    long missing,
    long unacknowledged,
    long wrong,
    double perSecond,
    double p50Millis,
    double p99Millis,
    double maxMillis,
    double ackP50Millis,
    double ackP99Millis,
    double userMicros,
    double dataMicros,
    double postgresMicros,
    double clientMicros,
    Map<String, Integer> events) {
  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(20);

  /**
   * Publishes for so long and waits for all of it.
   *
   * @param receivers of each message
   */
  static RoomSample of(
      Deployment deployment, RoomCrowd crowd, RoomCrowd.Pace pace, int receivers, Duration length)
      throws IOException {
    var tally = crowd.tally();
    var cpu =
        new CpuWindow()
            .process("user-worker", deployment.userWorker().pid())
            .process("data-worker", deployment.dataWorker().pid())
            .tree("postgres", deployment.stack().postgres().pid());
    tally.reset();
    cpu.begins();
    long began = System.nanoTime();
    crowd.publish(pace, length);
    long expected = tally.published * receivers;
    crowd.run(
        DRAINED_WITHIN, () -> tally.delivered >= expected && tally.acknowledged >= tally.published);
    cpu.ends();
    double deliveries = Math.max(1, tally.delivered);
    return new RoomSample(
        tally.published,
        tally.delivered,
        expected - tally.delivered + tally.doubled,
        tally.published - tally.acknowledged,
        tally.doubled + tally.misordered,
        tally.delivered / ((tally.deliveredAt - began) / 1e9),
        tally.deliveries.getValueAtPercentile(50) / 1e6,
        tally.deliveries.getValueAtPercentile(99) / 1e6,
        tally.deliveries.getMaxValue() / 1e6,
        tally.acks.getValueAtPercentile(50) / 1e6,
        tally.acks.getValueAtPercentile(99) / 1e6,
        cpu.of("user-worker").toNanos() / deliveries / 1e3,
        cpu.of("data-worker").toNanos() / deliveries / 1e3,
        cpu.of("postgres").toNanos() / deliveries / 1e3,
        cpu.ofClient().toNanos() / deliveries / 1e3,
        new TreeMap<>(tally.events));
  }

  double bothMicros() {
    return userMicros + dataMicros;
  }
}
