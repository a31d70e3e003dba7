package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What it costs to handle messages: as many as there are, beside Kafka's own consumer that reads
 * the same log and does nothing; one at a time on an idle machine; and many that become due in the
 * same minute.
 */
final class ConsumeBench {
  private static final int ROUNDS = 3;
  private static final int MESSAGES = 150_000;
  private static final int DELAYED = 100_000;
  private static final Duration IDLE = Duration.ofSeconds(5);

  private final PrintStream out;
  private final Map<String, Object> noise = new LinkedHashMap<>();

  ConsumeBench(PrintStream out) {
    this.out = out;
  }

  void run() throws IOException, SQLException {
    noise.put("loadBefore", Machine.load());
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-consume"))) {
      var bearer = deployment.accounts().newSession().bearer();
      var idle = new HandledMessages(deployment, bearer);
      idle.run(IDLE); // warms up, and waits until the queue is open
      var consumption = new QueueConsumption(deployment);
      consumption.handled(MESSAGES);
      var steal = Machine.Ticks.now();
      var handled = new ArrayList<QueueConsumption.Figure>();
      var read = new ArrayList<QueueConsumption.Figure>();
      for (int round = 0; round < ROUNDS; round++) {
        handled.add(consumption.handled(MESSAGES));
        read.add(consumption.read());
      }
      var latencies = idle.run(IDLE);
      var delayed = new DelayedMessages(deployment, bearer).run(DELAYED);
      noise.put("loadAfter", Machine.load());
      noise.put("stealPercent", steal.stealPercent());
      report(handled, read);
      report(latencies.getValueAtPercentile(50), latencies.getValueAtPercentile(99));
      report(delayed);
      out.println("Machine: " + Machine.versions() + " " + noise);
    }
  }

  private void report(List<QueueConsumption.Figure> handled, List<QueueConsumption.Figure> read) {
    var figure = figure("handled, a row each, exactly once", "1 KiB bodies, as many as there are");
    double ratio =
        Math.round(
                1000
                    * median(handled, QueueConsumption.Figure::perSecond)
                    / median(read, QueueConsumption.Figure::perSecond))
            / 1000.0;
    figure.put("unit", "messages/s");
    figure.put("median", Math.round(median(handled, QueueConsumption.Figure::perSecond)));
    figure.put("spread", spread(handled, QueueConsumption.Figure::perSecond));
    figure.put("rawConsumer", Math.round(median(read, QueueConsumption.Figure::perSecond)));
    figure.put("ratioToRawConsumer", ratio);
    figure.put("cpuMicros", median(handled, QueueConsumption.Figure::cpuMicros));
    figure.put("cpuSpread", spread(handled, QueueConsumption.Figure::cpuMicros));
    figure.put("dataWorkerMicros", median(handled, one -> one.micros("data-worker")));
    figure.put("postgresMicros", median(handled, one -> one.micros("postgres")));
    figure.put("brokerMicros", median(handled, one -> one.micros("kafka")));
    print(figure);
    out.println();
    out.println(
        "| handled, a row each | messages/s | raw consumer | ratio | CPU µs/message | data-worker |"
            + " Postgres | broker |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
    out.println(
        String.format(
            Locale.ROOT,
            "| 1 KiB bodies | %s | %s | %.3f | %s | %s | %s | %s |",
            figure.get("median"),
            figure.get("rawConsumer"),
            ratio,
            figure.get("cpuMicros"),
            figure.get("dataWorkerMicros"),
            figure.get("postgresMicros"),
            figure.get("brokerMicros")));
    out.println();
  }

  private void report(long p50Nanos, long p99Nanos) {
    var figure = figure("sent to handled, seen over HTTP", "1 at a time, idle");
    figure.put("p50Micros", p50Nanos / 1000);
    figure.put("p99Micros", p99Nanos / 1000);
    print(figure);
  }

  private void report(DelayedMessages.Result delayed) {
    var figure = figure("delayed, due evenly over one minute, 1,000 keys", DELAYED + " messages");
    figure.put("lateP50Millis", delayed.late().getValueAtPercentile(50) / 1_000_000);
    figure.put("lateP99Millis", delayed.late().getValueAtPercentile(99) / 1_000_000);
    figure.put("lateMaxMillis", delayed.late().getMaxValue() / 1_000_000);
    figure.put("lastAfterTheMinuteMillis", delayed.lastAfterMinute().toMillis());
    figure.put("sendingMillis", delayed.sending().toMillis());
    print(figure);
  }

  private Map<String, Object> figure(String what, String load) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "queue");
    figure.put("what", what);
    figure.put("load", load);
    return figure;
  }

  private void print(Map<String, Object> figure) {
    var whole = new LinkedHashMap<>(figure);
    whole.put("flags", Deployment.Settings.AS_UP);
    whole.put("noise", noise);
    whole.put("versions", Machine.versions());
    out.println(Json.write(whole));
  }
}
