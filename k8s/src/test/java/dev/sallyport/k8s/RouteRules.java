package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.ENV;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The ways in from outside: Gateway API, or an Ingress. */
final class RouteRules {
  private static final String GATEWAY = "Gateway/sallyport";
  private static final String ROUTE = "HTTPRoute/user-worker";
  private static final String INGRESS = "Ingress/user-worker";
  private static final String BACKEND = "/spec/rules/0/http/paths/0/backend/service";

  static final List<Rule> ALL =
      List.of(
          Rule.of(
              "a route leads to the user-worker's http port and nowhere else",
              rendering ->
                  Stream.concat(
                          rendering.all("HTTPRoute").filter(it -> !routesWell(it)),
                          rendering.all("Ingress").filter(it -> !ingressRoutesWell(it)))
                      .map(Rendering::title),
              set("prod", ROUTE, "/spec/rules/0/backendRefs/0/name", "data-worker"),
              set("prod", ROUTE, "/spec/rules/0/backendRefs/0/port", "9000"),
              set("prod", ROUTE, "/spec/rules/0/backendRefs/0/namespace", "other"),
              set("prod", ROUTE, "/spec/rules/0/backendRefs/-", "{name: data-worker, port: 8080}"),
              set("prod", ROUTE, "/spec/rules/-", "{backendRefs: [{name: kafka, port: 9092}]}"),
              set(
                  "prod",
                  ROUTE,
                  "/spec/rules/0/filters",
                  "[{type: RequestMirror,"
                      + " requestMirror: {backendRef: {name: data-worker, port: 8080}}}]"),
              set("ingress", INGRESS, BACKEND + "/name", "data-worker"),
              set("ingress", INGRESS, BACKEND + "/port", "{number: 9000}"),
              set(
                  "ingress",
                  INGRESS,
                  "/spec/defaultBackend",
                  "{service: {name: data-worker, port: {name: http}}}")),
          Rule.of(
              "a way in names its host",
              rendering ->
                  Stream.of(
                          rendering.all("Gateway").map(it -> hosts(it, "/spec/listeners")),
                          rendering
                              .all("HTTPRoute")
                              .map(it ->
                                  it.at("/spec/hostnames")
                                      .valueStream()
                                      .map(JsonNode::asText)
                                      .toList()),
                          rendering.all("Ingress").map(it -> hosts(it, "/spec/rules")))
                      .flatMap(hosts -> hosts)
                      .filter(
                          hosts -> hosts.isEmpty() || !hosts.stream().allMatch(RouteRules::isHost))
                      .map(List::toString),
              remove("prod", GATEWAY, "/spec/listeners/0/hostname"),
              set("prod", GATEWAY, "/spec/listeners/0/hostname", "'*.example.org'"),
              remove("prod", ROUTE, "/spec/hostnames"),
              set("prod", ROUTE, "/spec/hostnames", "['*']"),
              remove("ingress", INGRESS, "/spec/rules/0/host"),
              set("ingress", INGRESS, "/spec/rules/0/host", "'*.example.org'")),
          Rule.of(
              "a way in takes TLS and nothing else",
              rendering ->
                  Stream.concat(
                          rendering.all("Gateway").filter(it -> !listensWithTls(it)),
                          rendering.all("Ingress").filter(it -> !ingressHasTls(it)))
                      .map(Rendering::title),
              remove("prod", GATEWAY, "/spec/listeners/0/tls"),
              set("prod", GATEWAY, "/spec/listeners/0/protocol", "HTTP"),
              set("prod", GATEWAY, "/spec/listeners/0/tls/mode", "Passthrough"),
              set(
                  "prod",
                  GATEWAY,
                  "/spec/listeners/-",
                  "{name: http, port: 80, protocol: HTTP, hostname: sallyport.example.org}"),
              remove("ingress", INGRESS, "/spec/tls"),
              set("ingress", INGRESS, "/spec/tls/0/hosts", "[other.example.org]"),
              set("ingress", INGRESS, "/metadata/annotations", "{}")),
          Rule.of(
              "a route hangs on our own Gateway, and no other namespace's does",
              rendering ->
                  Stream.concat(
                          rendering.all("HTTPRoute").filter(it -> !hangsOnOurs(rendering, it)),
                          rendering
                              .all("Gateway")
                              .filter(it ->
                                  !it.at("/spec/listeners/0/allowedRoutes/namespaces/from")
                                      .asText()
                                      .equals("Same")))
                      .map(Rendering::title),
              set("prod", ROUTE, "/spec/parentRefs/0/name", "other"),
              set("prod", ROUTE, "/spec/parentRefs/0/sectionName", "http"),
              set("prod", ROUTE, "/spec/parentRefs/0/namespace", "other"),
              set("prod", GATEWAY, "/spec/listeners/0/allowedRoutes/namespaces/from", "All")),
          Rule.of(
              "where there is a way in, the user-worker knows how many proxies are in front",
              rendering ->
                  Stream.of("Gateway", "HTTPRoute", "Ingress")
                      .flatMap(rendering::all)
                      .filter(_ -> trustedHops(rendering) < 1)
                      .map(Rendering::title),
              remove("prod", "Deployment/user-worker", ENV + "/@SALLYPORT_TRUSTED_HOPS"),
              set("dev", "Deployment/user-worker", ENV + "/@SALLYPORT_TRUSTED_HOPS/value", "'0'"),
              remove("ingress", "Deployment/user-worker", ENV + "/@SALLYPORT_TRUSTED_HOPS")),
          Rule.of(
              "every overlay has one way in",
              rendering ->
                  rendering.isOverlay()
                          && rendering.all("HTTPRoute").count() + rendering.all("Ingress").count()
                              != 1
                      ? Stream.of(rendering.name())
                      : Stream.empty(),
              Edit.drop("prod", ROUTE)));

  private RouteRules() {}

  private static boolean routesWell(JsonNode route) {
    return route
        .at("/spec/rules")
        .valueStream()
        .allMatch(rule ->
            // A mirror, a redirect or another rewrite is a way to somewhere else.
            !rule.has("filters")
                && rule.path("backendRefs").size() == 1
                && isUserWorker(rule.at("/backendRefs/0")));
  }

  private static boolean isUserWorker(JsonNode backend) {
    return backend.path("name").asText().equals("user-worker")
        && backend.path("port").asInt() == 8080
        && Set.of("name", "port", "kind", "group", "weight")
            .containsAll(backend.propertyStream().map(it -> it.getKey()).toList());
  }

  private static boolean ingressRoutesWell(JsonNode ingress) {
    return !ingress.path("spec").has("defaultBackend")
        && ingress
            .at("/spec/rules")
            .valueStream()
            .flatMap(rule -> rule.at("/http/paths").valueStream())
            .map(path -> path.at("/backend/service"))
            .allMatch(service ->
                service.path("name").asText().equals("user-worker")
                    && service.at("/port/name").asText().equals("http"));
  }

  private static List<String> hosts(JsonNode object, String list) {
    return object
        .at(list)
        .valueStream()
        .map(it -> it.path(it.has("hostname") ? "hostname" : "host").asText())
        .toList();
  }

  private static boolean isHost(String name) {
    return name.contains(".") && !name.contains("*");
  }

  private static boolean listensWithTls(JsonNode gateway) {
    return gateway
        .at("/spec/listeners")
        .valueStream()
        .allMatch(it ->
            it.path("protocol").asText().equals("HTTPS")
                && it.at("/tls/mode").asText().equals("Terminate")
                && !it.at("/tls/certificateRefs/0/name").asText().isEmpty());
  }

  private static boolean ingressHasTls(JsonNode ingress) {
    List<JsonNode> covered =
        ingress
            .at("/spec/tls")
            .valueStream()
            .flatMap(it -> it.path("hosts").valueStream())
            .toList();
    return ingress
            .at("/spec/rules")
            .valueStream()
            .map(it -> it.path("host"))
            .allMatch(covered::contains)
        && ingress
            .at("/metadata/annotations/traefik.ingress.kubernetes.io~1router.entrypoints")
            .asText()
            .equals("websecure");
  }

  private static boolean hangsOnOurs(Rendering rendering, JsonNode route) {
    return route
        .at("/spec/parentRefs")
        .valueStream()
        .allMatch(parent ->
            !parent.has("namespace")
                && rendering
                    .find("Gateway", parent.path("name").asText())
                    .map(it ->
                        Edit.named(it.at("/spec/listeners"), parent.path("sectionName").asText()))
                    .filter(JsonNode::isObject)
                    .isPresent());
  }

  private static int trustedHops(Rendering rendering) {
    return rendering
        .workers()
        .filter(worker -> worker.name().equals("user-worker"))
        .map(worker -> worker.variable("SALLYPORT_TRUSTED_HOPS").path("value").asInt())
        .findFirst()
        .orElse(0);
  }
}
