package dev.sallyport.system;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What rooms cost that say little, and what it takes to come back to them all at once. */
final class RoomSocketsBench {
  private static final int ROOMS = 100;
  private static final int SOCKETS_EACH = 100;
  private static final int STORM_ROOMS = 5;
  private static final int STORM_SOCKETS = 5_000;
  private static final int WARM_UP_SOCKETS = 500;

  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final Duration SETTLES_FOR = Duration.ofSeconds(2);

  private final String parts;
  private final PrintStream out;

  RoomSocketsBench(String parts, PrintStream out) {
    this.parts = parts;
    this.out = out;
  }

  void run() throws IOException {
    if (parts.contains("many")) {
      many();
    }
    if (parts.contains("storm")) {
      storms();
    }
  }

  private void many() throws IOException {
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-rooms-many"))) {
      var bearers = RoomsBench.bearers(deployment);
      // Each socket is two files of a user-worker: one alone reaches the usual limit of 20,000.
      var user = deployment.userWorker();
      var other = deployment.anotherUserWorker("other", deployment.dataWorker().url(), Map.of());
      warmUp(bearers, user.port(), other.port());
      var before = Held.by(deployment.dataWorker(), user, other);
      try (var crowd =
          new RoomCrowd(user.port(), other.port()).comesBack(true, RoomsBench.AT_ONCE)) {
        var members = fill(crowd, bearers, ROOMS, ROOMS * SOCKETS_EACH);
        var took = crowd.enter(WITHIN);
        crowd.run(SETTLES_FOR, () -> false);
        var resident = Held.by(deployment.dataWorker(), user, other);
        var reached = oneEach(crowd, members.subList(0, ROOMS), members.size());
        var figure =
            figure(
                "sockets in rooms",
                members.size() + " sockets, " + ROOMS + " rooms, two user-workers");
        figure.put("allInMillis", took.toMillis());
        figure.put("userWorkerBytesEach", (resident.user() - before.user()) / members.size());
        figure.put("dataWorkerBytesEach", (resident.data() - before.data()) / members.size());
        figure.put(
            "userWorkerHeapEach", (resident.userHeap() - before.userHeap()) / members.size());
        figure.put(
            "dataWorkerHeapEach", (resident.dataHeap() - before.dataHeap()) / members.size());
        figure.put("userWorkersBytes", List.of(before.user(), resident.user()));
        figure.put("dataWorkerBytes", List.of(before.data(), resident.data()));
        figure.put("reachedAll", reached);
        figure.put("firstRefusal", crowd.tally().refusal);
        figure.put("events", crowd.tally().events);
        print(figure);
      }
    }
  }

  /** Code and pools of workers that have served sockets before are not counted. */
  private static void warmUp(List<String> bearers, int... ports) throws IOException {
    try (var crowd = new RoomCrowd(ports)) {
      var members = fill(crowd, bearers, 5, WARM_UP_SOCKETS);
      crowd.enter(WITHIN);
      oneEach(crowd, members.subList(0, 5), members.size());
    }
  }

  private void storms() throws IOException {
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-rooms-storm"))) {
      var bearers = RoomsBench.bearers(deployment);
      try (var crowd =
          new RoomCrowd(deployment.userWorker().port()).comesBack(true, RoomsBench.AT_ONCE)) {
        var members = fill(crowd, bearers, STORM_ROOMS, STORM_SOCKETS);
        var entered = crowd.enter(WITHIN);
        out.println(
            members.size()
                + " sockets are in after "
                + entered.toMillis()
                + " ms "
                + crowd.tally().events
                + " "
                + crowd.tally().refusal);
        oneEach(crowd, members.subList(0, STORM_ROOMS), members.size());
        crowd.comesBack(true, STORM_SOCKETS);
        storm("user-worker", deployment.userWorker(), crowd, members);
        storm("data-worker", deployment.dataWorker(), crowd, members);
      }
    }
  }

  /** All of them come back as soon as the worker serves again. */
  private void storm(String name, Worker worker, RoomCrowd crowd, List<CrowdMember> members)
      throws IOException {
    worker.stop();
    worker.start();
    // Only now does the crowd look at what became of its connections.
    crowd.tally().reset();
    boolean all = crowd.run(WITHIN, () -> crowd.tally().entered >= members.size());
    var reached = oneEach(crowd, members.subList(0, STORM_ROOMS), members.size());
    var figure =
        figure(
            "reconnect storm, the " + name + " was restarted",
            members.size() + " sockets, " + STORM_ROOMS + " rooms");
    figure.put("allIn", all);
    figure.put("p50Millis", crowd.tally().waits.getValueAtPercentile(50) / 1_000_000);
    figure.put("lastInMillis", crowd.tally().waits.getMaxValue() / 1_000_000);
    figure.put("reachedAll", reached);
    figure.put("firstRefusal", crowd.tally().refusal);
    figure.put("lost", crowd.tally().lost);
    figure.put("doubled", crowd.tally().doubled);
    figure.put("events", crowd.tally().events);
    print(figure);
  }

  private static List<CrowdMember> fill(
      RoomCrowd crowd, List<String> bearers, int rooms, int sockets) {
    var members = new ArrayList<CrowdMember>();
    for (int i = 0; i < sockets; i++) {
      members.add(crowd.add("bench" + i % rooms, bearers.get(i / rooms % bearers.size())));
    }
    return members;
  }

  /** A message of each of these; gives whether all got theirs. */
  private static boolean oneEach(RoomCrowd crowd, List<CrowdMember> by, int receivers)
      throws IOException {
    long expected = crowd.tally().delivered + receivers;
    for (var member : by) {
      crowd.publish(member, System.nanoTime(), "");
    }
    return crowd.run(Duration.ofSeconds(20), () -> crowd.tally().delivered == expected);
  }

  private static Map<String, Object> figure(String what, String load) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "rooms");
    figure.put("what", what);
    figure.put("load", load);
    return figure;
  }

  private void print(Map<String, Object> figure) {
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("loadAverage", Machine.load());
    figure.put("versions", Machine.versions());
    out.println(Json.write(figure));
  }
}
