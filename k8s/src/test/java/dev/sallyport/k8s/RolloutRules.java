package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.POD;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import java.util.List;
import java.util.Set;

/** How pods come and go. */
final class RolloutRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";
  private static final String SPREAD = POD + "/topologySpreadConstraints";

  /** What the workers promise to need at the most after SIGTERM. */
  static final int STOP_SECONDS = 20;

  /** Enough for every node and gateway to hear that a pod goes. */
  private static final int HEARD_SECONDS = 3;

  private static final Set<String> STABLE_LABELS =
      Set.of("app.kubernetes.io/name", "app.kubernetes.io/part-of");

  static final List<Rule> ALL =
      List.of(
          Rule.ofWorkers(
              "a worker serves on until everybody has heard that it goes, without a shell",
              worker -> preStop(worker) >= HEARD_SECONDS,
              remove("prod", USER, CONTAINER + "/lifecycle"),
              set("prod", DATA, CONTAINER + "/lifecycle/preStop/sleep/seconds", "1"),
              set(
                  "prod",
                  DATA,
                  CONTAINER + "/lifecycle/preStop",
                  "{exec: {command: [sleep, '5']}}")),
          Rule.ofWorkers(
              "a worker is not killed before it has had its pause and its own stop",
              worker ->
                  worker.pod().path("terminationGracePeriodSeconds").asInt()
                      > preStop(worker) + STOP_SECONDS,
              set("prod", USER, POD + "/terminationGracePeriodSeconds", "25"),
              remove("prod", USER, POD + "/terminationGracePeriodSeconds"),
              set("prod", DATA, CONTAINER + "/lifecycle/preStop/sleep/seconds", "15")),
          Rule.ofWorkers(
              "a new pod is ready before an old one goes",
              worker -> {
                var strategy = worker.document().at("/spec/strategy");
                return strategy.path("type").asText().equals("RollingUpdate")
                    && strategy.at("/rollingUpdate/maxUnavailable").asInt(-1) == 0
                    && strategy.at("/rollingUpdate/maxSurge").asInt() > 0;
              },
              set("prod", USER, "/spec/strategy", "{type: Recreate}"),
              set("prod", USER, "/spec/strategy/rollingUpdate/maxUnavailable", "1"),
              remove("prod", USER, "/spec/strategy/rollingUpdate/maxUnavailable"),
              set("prod", USER, "/spec/strategy/rollingUpdate/maxSurge", "0")),
          Rule.ofPods(
              "old releases are kept, a few of them",
              workload -> {
                int kept = workload.document().at("/spec/revisionHistoryLimit").asInt(-1);
                return kept > 0 && kept <= 10;
              },
              remove("prod", USER, "/spec/revisionHistoryLimit"),
              set("prod", USER, "/spec/revisionHistoryLimit", "0")),
          Rule.ofPods(
              "a workload selects its own pods",
              workload ->
                  workload.isSelectedBy(workload.document().at("/spec/selector/matchLabels")),
              set(
                  "prod",
                  USER,
                  "/spec/selector/matchLabels/app.kubernetes.io~1name",
                  "user-wroker"),
              remove("dev", "StatefulSet/redis", "/spec/selector/matchLabels")),
          Rule.ofPods(
              "what a selector names is the same in every release",
              workload ->
                  workload
                          .document()
                          .at("/spec/selector/matchLabels")
                          .propertyStream()
                          .allMatch(label -> STABLE_LABELS.contains(label.getKey()))
                      && !workload.document().at("/spec/selector").has("matchExpressions"),
              set("prod", USER, "/spec/selector/matchLabels/app.kubernetes.io~1version", "0.1.0")),
          Rule.ofWorkers(
              "pods of a release spread over zones and over nodes, and wait for neither",
              worker ->
                  spreads(worker, "topology.kubernetes.io/zone")
                      && spreads(worker, "kubernetes.io/hostname"),
              remove("prod", USER, SPREAD),
              remove("prod", USER, SPREAD + "/0"),
              remove("prod", USER, SPREAD + "/1"),
              remove("prod", DATA, SPREAD + "/0/matchLabelKeys"),
              set("prod", DATA, SPREAD + "/1/whenUnsatisfiable", "DoNotSchedule"),
              set("prod", DATA, SPREAD + "/1/maxSkew", "5"),
              set(
                  "prod",
                  DATA,
                  SPREAD + "/0/labelSelector/matchLabels/app.kubernetes.io~1name",
                  "user-worker")));

  private RolloutRules() {}

  private static int preStop(Workload worker) {
    return worker.pod().at("/containers/0/lifecycle/preStop/sleep/seconds").asInt();
  }

  private static boolean spreads(Workload worker, String over) {
    return worker
        .pod()
        .path("topologySpreadConstraints")
        .valueStream()
        .filter(it -> it.path("topologyKey").asText().equals(over))
        .anyMatch(it ->
            it.path("maxSkew").asInt() == 1
                && it.path("whenUnsatisfiable").asText().equals("ScheduleAnyway")
                && it.at("/matchLabelKeys/0").asText().equals("pod-template-hash")
                && worker.isSelectedBy(it.at("/labelSelector/matchLabels")));
  }
}
