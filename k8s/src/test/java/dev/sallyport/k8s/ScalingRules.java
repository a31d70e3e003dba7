package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.drop;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** How many pods there are, and how many may be missing. */
final class ScalingRules {
  private static final String HPA = "HorizontalPodAutoscaler/user-worker";
  private static final String PDB = "PodDisruptionBudget/data-worker";

  static final List<Rule> ALL =
      List.of(
          Rule.of(
              "every worker is scaled, and every autoscaler scales one that is there",
              rendering ->
                  Rendering.WORKERS.stream()
                      .filter(name -> target(rendering, name).filter(name::equals).isEmpty()),
              drop("prod", HPA),
              set("prod", HPA, "/spec/scaleTargetRef/name", "user-wroker"),
              set("prod", HPA, "/spec/scaleTargetRef/kind", "StatefulSet"),
              set("prod", HPA, "/spec/scaleTargetRef/apiVersion", "apps/v1beta1")),
          Rule.ofKind(
              "HorizontalPodAutoscaler",
              "two pods at the least, and room for more",
              it ->
                  it.at("/spec/minReplicas").asInt() >= 2
                      && it.at("/spec/minReplicas").asInt() < it.at("/spec/maxReplicas").asInt(),
              set("prod", HPA, "/spec/minReplicas", "1"),
              set("prod", HPA, "/spec/maxReplicas", "2")),
          Rule.ofWorkers(
              "what is scaled by its share of cpu asks for cpu",
              worker ->
                  !Amount.of(worker.pod().at("/containers/0/resources/requests/cpu")).isNone(),
              remove("prod", "Deployment/user-worker", CONTAINER + "/resources/requests/cpu")),
          Rule.ofWorkers(
              "an apply does not undo what an autoscaler did",
              worker -> worker.document().at("/spec/replicas").isMissingNode(),
              set("prod", "Deployment/user-worker", "/spec/replicas", "2")),
          Rule.of(
              "every worker has a budget that lets a drain take one pod, and not the last",
              rendering ->
                  rendering
                      .workers()
                      .filter(worker -> !isGuarded(rendering, worker))
                      .map(Workload::title),
              drop("prod", PDB),
              set("prod", PDB, "/spec/maxUnavailable", "0"),
              set("prod", PDB, "/spec/maxUnavailable", "2"),
              set("prod", PDB, "/spec/minAvailable", "2"),
              set(
                  "prod",
                  PDB,
                  "/spec/selector/matchLabels/app.kubernetes.io~1name",
                  "user-worker")),
          Rule.ofKind(
              "PodDisruptionBudget",
              "a pod that is not ready never blocks a drain",
              it -> it.at("/spec/unhealthyPodEvictionPolicy").asText().equals("AlwaysAllow"),
              remove("prod", PDB, "/spec/unhealthyPodEvictionPolicy")));

  private ScalingRules() {}

  /** The Deployment that the autoscaler of this name scales, if it is there. */
  private static Optional<String> target(Rendering rendering, String name) {
    return rendering
        .find("HorizontalPodAutoscaler", name)
        .map(it -> it.at("/spec/scaleTargetRef"))
        .flatMap(it ->
            rendering
                .find(it.path("kind").asText(), it.path("name").asText())
                .filter(found -> found.path("apiVersion").equals(it.path("apiVersion"))))
        .map(Rendering::name);
  }

  private static boolean isGuarded(Rendering rendering, Workload worker) {
    int least =
        rendering
            .find("HorizontalPodAutoscaler", worker.name())
            .map(it -> it.at("/spec/minReplicas").asInt())
            .orElse(0);
    List<JsonNode> budgets =
        rendering
            .all("PodDisruptionBudget")
            .filter(it -> worker.isSelectedBy(it.at("/spec/selector/matchLabels")))
            .toList();
    if (budgets.size() != 1) {
      return false;
    }
    int missing = budgets.getFirst().at("/spec/maxUnavailable").asInt();
    return missing >= 1 && missing < least && !budgets.getFirst().at("/spec").has("minAvailable");
  }
}
