package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.add;
import static dev.sallyport.k8s.Edit.drop;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The names under which pods are found. */
final class ServiceRules {
  private static final String USER = "Service/user-worker";
  private static final String DATA = "Service/data-worker";

  /** Fields by which a Service is reached from outside or leads somewhere else. */
  private static final Set<String> OPENINGS =
      Set.of("externalIPs", "externalName", "loadBalancerIP", "loadBalancerClass");

  static final List<Rule> ALL =
      List.of(
          Rule.of(
              "every Service finds the pods of one workload",
              rendering ->
                  rendering
                      .all("Service")
                      .filter(service -> workload(rendering, service).isEmpty())
                      .map(Rendering::title),
              set("prod", DATA, "/spec/selector/app.kubernetes.io~1name", "data-wroker"),
              set("prod", DATA, "/spec/selector", "{app.kubernetes.io/part-of: sallyport}"),
              set("dev", "Service/kafka", "/spec/selector", "{}")),
          Rule.of(
              "every port of a Service leads to a port of its pods, named there",
              rendering ->
                  rendering
                      .all("Service")
                      .filter(service -> !portsLeadOn(rendering, service))
                      .map(Rendering::title),
              set("prod", DATA, "/spec/ports/0/targetPort", "htpp"),
              set("prod", DATA, "/spec/ports/0/targetPort", "8081"),
              set("dev", "Service/redis", "/spec/ports/0/targetPort", "http")),
          Rule.ofKind(
              "Service",
              "no Service is reached from outside of the cluster",
              service ->
                  service.at("/spec/type").asText().equals("ClusterIP")
                      && OPENINGS.stream().noneMatch(service.path("spec")::has),
              set("prod", DATA, "/spec/type", "LoadBalancer"),
              set("prod", USER, "/spec/type", "NodePort"),
              set("prod", USER, "/spec/externalIPs", "[192.0.2.1]"),
              add(
                  "dev",
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: elsewhere}
                  spec: {type: ExternalName, externalName: example.org}
                  """)),
          Rule.of(
              "a worker's Service offers its http port alone, never the management port",
              rendering ->
                  Rendering.WORKERS.stream().filter(name -> !offersHttpAlone(rendering, name)),
              set("prod", USER, "/spec/ports/-", "{name: m, port: 9000, targetPort: management}"),
              set("prod", DATA, "/spec/ports/0/targetPort", "management"),
              set("prod", DATA, "/spec/ports/0/targetPort", "9000"),
              set("prod", DATA, "/spec/ports/0/port", "80"),
              drop("prod", DATA)),
          Rule.of(
              "no Service under another name leads to a worker",
              rendering ->
                  rendering
                      .all("Service")
                      .filter(service ->
                          workload(rendering, service)
                              .filter(Workload::isWorker)
                              .filter(it -> !it.name().equals(Rendering.name(service)))
                              .isPresent())
                      .map(Rendering::title),
              add(
                  "prod",
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: back-door}
                  spec:
                    selector: {app.kubernetes.io/name: data-worker}
                    ports: [{name: http, port: 9000, targetPort: management}]
                  """)));

  private ServiceRules() {}

  /** The one workload whose pods it selects; empty if there is none or more than one. */
  static Optional<Workload> workload(Rendering rendering, JsonNode service) {
    var selected =
        rendering
            .workloads()
            .filter(workload -> workload.isSelectedBy(service.at("/spec/selector")))
            .toList();
    return selected.size() == 1 ? Optional.of(selected.getFirst()) : Optional.empty();
  }

  private static boolean portsLeadOn(Rendering rendering, JsonNode service) {
    return workload(rendering, service)
        .filter(workload ->
            service
                .at("/spec/ports")
                .valueStream()
                .allMatch(it -> workload.port(it.path("targetPort").asText()).isPresent()))
        .isPresent();
  }

  private static boolean offersHttpAlone(Rendering rendering, String name) {
    var ports = rendering.find("Service", name).map(it -> it.at("/spec/ports"));
    return ports
        .filter(it -> it.size() == 1)
        .map(it -> it.get(0))
        .filter(it -> it.path("port").asInt() == 8080)
        .filter(it -> it.path("targetPort").asText().equals("http"))
        .isPresent();
  }
}
