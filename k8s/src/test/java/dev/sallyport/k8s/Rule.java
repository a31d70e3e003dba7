package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One promise about every rendering. Immutable.
 *
 * @param promise a sentence; no two rules share one
 * @param breaches what breaks it, in words; none when it holds
 * @param breaks edits that it must notice, at least one: a rule that nothing breaks checks nothing
 */
record Rule(String promise, Function<Rendering, Stream<String>> breaches, List<Edit> breaks) {

  Rule {
    if (breaks.isEmpty()) {
      throw new IllegalArgumentException("Nothing breaks the rule: " + promise);
    }
  }

  static Rule of(String promise, Function<Rendering, Stream<String>> breaches, Edit... breaks) {
    return new Rule(promise, breaches, List.of(breaks));
  }

  /** Holds for every object of this kind, wherever there is one. */
  static Rule ofKind(String kind, String promise, Predicate<JsonNode> holds, Edit... breaks) {
    return of(
        promise,
        rendering -> rendering.all(kind).filter(holds.negate()).map(Rendering::title),
        breaks);
  }

  /** Holds for every pod, the stores' too. */
  static Rule ofPods(String promise, Predicate<Workload> holds, Edit... breaks) {
    return of(
        promise,
        rendering -> rendering.workloads().filter(holds.negate()).map(Workload::title),
        breaks);
  }

  /** Holds for the pods of the user-worker and of the data-worker, which both have to be there. */
  static Rule ofWorkers(String promise, Predicate<Workload> holds, Edit... breaks) {
    return of(
        promise,
        rendering ->
            Rendering.WORKERS.stream()
                .filter(name ->
                    rendering.find("Deployment", name).map(Workload::new).filter(holds).isEmpty()),
        breaks);
  }

  /** Holds for every container of every pod. */
  static Rule ofContainers(String promise, Predicate<JsonNode> holds, Edit... breaks) {
    return of(
        promise,
        rendering ->
            rendering
                .workloads()
                .flatMap(workload ->
                    workload
                        .containers()
                        .filter(holds.negate())
                        .map(one -> workload.title() + ": " + one.path("name").asText())),
        breaks);
  }

  @Override
  public String toString() {
    return promise;
  }
}
