package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * What rooms cost through both workers: deliveries in a large room; durable publishes in many small
 * ones; sockets that are there and say little; and what happens when all of them come back at once.
 * Every delivery is looked at: each member must see the offsets of its room one after the other.
 */
final class RoomsBench {
  /** As many accounts: each costs a slow hash, and is in a room with several sockets. */
  static final int USERS = 25;

  private static final int ROUNDS = 3;

  /** Upgrades on their way at one moment. */
  static final int AT_ONCE = 100;

  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration IN_WITHIN = Duration.ofSeconds(60);

  /** So that a publish is of about 100 bytes. */
  private static final String FILL = "x".repeat(40);

  /** A load of publishes. */
  private enum Load {
    LARGE_ROOM("deliveries in a large room", "large", 1, 1_000, 100),
    SMALL_ROOMS("publishes in small rooms", "small", 100, 5, 5_000);

    private final String what;
    private final String letter;
    private final int rooms;
    private final int members;
    private final int perSecond;

    Load(String what, String letter, int rooms, int members, int perSecond) {
      this.what = what;
      this.letter = letter;
      this.rooms = rooms;
      this.members = members;
      this.perSecond = perSecond;
    }

    String load() {
      return String.format(
          Locale.ROOT,
          "%,d publishes/s to %s of %,d",
          perSecond,
          rooms == 1 ? "a room" : rooms + " rooms",
          members);
    }
  }

  private final Duration window;
  private final String parts;
  private final PrintStream out;

  /**
   * @param parts which loads, of {@code large small many storm}
   */
  RoomsBench(Duration window, String parts, PrintStream out) {
    this.window = window;
    this.parts = parts;
    this.out = out;
  }

  void run() throws IOException {
    var noise = new LinkedHashMap<String, Object>();
    noise.put("loadBefore", Machine.load());
    var steal = Machine.Ticks.now();
    var samples = new TreeMap<Load, List<RoomSample>>();
    for (var load : Load.values()) {
      if (parts.contains(load.letter)) {
        samples.put(load, measure(load));
      }
    }
    noise.put("loadAfter", Machine.load());
    noise.put("stealPercent", steal.stealPercent());
    noise.put("rounds", ROUNDS);
    samples.forEach((load, all) -> out.println(Json.write(figure(load, all, noise))));
    if (!samples.isEmpty()) {
      table(samples);
    }
    if (parts.contains("many") || parts.contains("storm")) {
      new RoomSocketsBench(parts, out).run();
    }
    out.println("Flags of both workers: " + String.join(" ", Deployment.Settings.AS_UP));
    out.println("Machine: " + Machine.versions() + " " + noise);
  }

  private List<RoomSample> measure(Load load) throws IOException {
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-rooms"));
        var crowd = new RoomCrowd(deployment.userWorker().port())) {
      var bearers = bearers(deployment);
      crowd.comesBack(true, AT_ONCE);
      var members = new ArrayList<CrowdMember>();
      // The members of a room are of different users, and those who publish in turn of different
      // rooms, so nobody is limited.
      for (int i = 0; i < load.members; i++) {
        for (int room = 0; room < load.rooms; room++) {
          int user = (room * load.members + i) % USERS;
          members.add(crowd.add("bench" + room, bearers.get(user)));
        }
      }
      var entered = crowd.enter(IN_WITHIN);
      out.println(
          load.what
              + ": "
              + members.size()
              + " sockets are in after "
              + entered.toMillis()
              + " ms "
              + crowd.tally().events
              + " "
              + crowd.tally().refusal);
      var pace = new RoomCrowd.Pace(members, load.perSecond, FILL);
      RoomSample.of(deployment, crowd, pace, load.members, WARM_UP);
      var samples = new ArrayList<RoomSample>();
      for (int round = 0; round < ROUNDS; round++) {
        samples.add(RoomSample.of(deployment, crowd, pace, load.members, window));
      }
      return samples;
    }
  }

  /** Of fresh accounts, all signed in. */
  static List<String> bearers(Deployment deployment) {
    var accounts = deployment.accounts();
    return IntStream.range(0, USERS).mapToObj(i -> accounts.newSession().bearer()).toList();
  }

  private static Map<String, Object> figure(
      Load load, List<RoomSample> samples, Map<String, Object> noise) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "rooms");
    figure.put("what", load.what);
    figure.put("load", load.load());
    figure.put("unit", "deliveries/s");
    figure.put("median", Math.round(median(samples, RoomSample::perSecond)));
    figure.put("spread", spread(samples, RoomSample::perSecond));
    figure.put("p50Millis", median(samples, RoomSample::p50Millis));
    figure.put("p99Millis", median(samples, RoomSample::p99Millis));
    figure.put("p99Spread", spread(samples, RoomSample::p99Millis));
    figure.put("maxMillis", spread(samples, RoomSample::maxMillis).getLast());
    figure.put("ackP50Millis", median(samples, RoomSample::ackP50Millis));
    figure.put("ackP99Millis", median(samples, RoomSample::ackP99Millis));
    figure.put("ackP99Spread", spread(samples, RoomSample::ackP99Millis));
    figure.put("bothWorkersMicros", median(samples, RoomSample::bothMicros));
    figure.put("bothWorkersSpread", spread(samples, RoomSample::bothMicros));
    figure.put("userWorkerMicros", median(samples, RoomSample::userMicros));
    figure.put("dataWorkerMicros", median(samples, RoomSample::dataMicros));
    figure.put("postgresMicros", median(samples, RoomSample::postgresMicros));
    figure.put("clientMicros", median(samples, RoomSample::clientMicros));
    figure.put("published", sum(samples, RoomSample::published));
    figure.put("delivered", sum(samples, RoomSample::delivered));
    figure.put("missing", sum(samples, RoomSample::missing));
    figure.put("unacknowledged", sum(samples, RoomSample::unacknowledged));
    figure.put("doubledOrMisordered", sum(samples, RoomSample::wrong));
    figure.put("events", samples.stream().map(RoomSample::events).toList());
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private static long sum(List<RoomSample> samples, ToLongFunction<RoomSample> of) {
    return samples.stream().mapToLong(of).sum();
  }

  private void table(Map<Load, List<RoomSample>> samples) {
    out.println();
    out.println(
        "| load | deliveries/s | p50 ms | p99 ms | ack p50 ms | ack p99 ms | CPU µs/delivery, both"
            + " workers | user-worker | data-worker | Postgres | client | missing, doubled, misordered |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((load, all) -> out.println(row(load, all)));
    out.println();
  }

  private static String row(Load load, List<RoomSample> samples) {
    var p99 = spread(samples, RoomSample::p99Millis);
    var ack = spread(samples, RoomSample::ackP99Millis);
    var both = spread(samples, RoomSample::bothMicros);
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %.1f | %.1f (%.1f to %.1f) | %.1f | %.1f (%.1f to %.1f) | %.1f (%.1f to"
            + " %.1f) | %.1f | %.1f | %.1f | %.1f | %d |",
        load.load(),
        median(samples, RoomSample::perSecond),
        median(samples, RoomSample::p50Millis),
        median(samples, RoomSample::p99Millis),
        p99.getFirst(),
        p99.getLast(),
        median(samples, RoomSample::ackP50Millis),
        median(samples, RoomSample::ackP99Millis),
        ack.getFirst(),
        ack.getLast(),
        median(samples, RoomSample::bothMicros),
        both.getFirst(),
        both.getLast(),
        median(samples, RoomSample::userMicros),
        median(samples, RoomSample::dataMicros),
        median(samples, RoomSample::postgresMicros),
        median(samples, RoomSample::clientMicros),
        sum(samples, RoomSample::missing) + sum(samples, RoomSample::wrong));
  }
}
