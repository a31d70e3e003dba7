package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.add;
import static dev.sallyport.k8s.Edit.drop;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What every object must be like, whatever its kind. */
final class ObjectRules {
  /**
   * A kind that is not here is a decision: whatever runs pods needs the rules of {@link Workload},
   * and no role, webhook or object of the whole cluster is ever needed.
   */
  private static final Set<String> KINDS =
      Set.of(
          "v1 ConfigMap",
          "v1 Namespace",
          "v1 Secret",
          "v1 Service",
          "v1 ServiceAccount",
          "apps/v1 Deployment",
          "apps/v1 StatefulSet",
          "autoscaling/v2 HorizontalPodAutoscaler",
          "gateway.networking.k8s.io/v1 Gateway",
          "gateway.networking.k8s.io/v1 HTTPRoute",
          "monitoring.coreos.com/v1 PodMonitor",
          "monitoring.coreos.com/v1 PrometheusRule",
          "networking.k8s.io/v1 Ingress",
          "networking.k8s.io/v1 NetworkPolicy",
          "policy/v1 PodDisruptionBudget");

  private static final String NAMESPACE = "sallyport";
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern PORT_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?");
  private static final Pattern PINNED = Pattern.compile("v1\\.\\d+");

  static final List<Rule> ALL =
      List.of(
          every(
              "only kinds that we know, in stable versions",
              one -> KINDS.contains(one.path("apiVersion").asText() + " " + Rendering.kind(one)),
              add(
                  "prod",
                  """
                  apiVersion: rbac.authorization.k8s.io/v1
                  kind: ClusterRole
                  metadata: {name: user-worker}
                  rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]
                  """),
              add("dev", "{apiVersion: v1, kind: Pod, metadata: {name: debug}}"),
              add(
                  "prod",
                  "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: a}}")),
          every(
              "names are RFC 1123 labels",
              one -> DNS_LABEL.matcher(Rendering.name(one)).matches(),
              set("prod", "Service/user-worker", "/metadata/name", "User_worker"),
              set("prod", "Service/user-worker", "/metadata/name", "a".repeat(64))),
          every(
              "label values are valid, those of pods too",
              one ->
                  Stream.of("/metadata/labels", "/spec/template/metadata/labels")
                      .flatMap(path -> one.at(path).valueStream())
                      .allMatch(value -> LABEL_VALUE.matcher(value.asText()).matches()),
              set("prod", "Service/user-worker", "/metadata/labels/team", "'a b'"),
              set(
                  "dev",
                  "Deployment/user-worker",
                  "/spec/template/metadata/labels/team",
                  "-platform")),
          every(
              "port names have 15 characters at the most",
              one ->
                  Stream.concat(
                          one.at("/spec/ports").valueStream(),
                          new Workload(one)
                              .containers()
                              .flatMap(container -> container.path("ports").valueStream()))
                      .allMatch(port -> PORT_NAME.matcher(port.path("name").asText()).matches()),
              set("prod", "Service/user-worker", "/spec/ports/0/name", "http-of-the-edge"),
              set("prod", "Deployment/user-worker", Edit.CONTAINER + "/ports/@http/name", "HTTP")),
          every(
              "every object says what it is, whose part, and of which release",
              one -> isLabelled(one.at("/metadata/labels")),
              remove("prod", "Service/user-worker", "/metadata/labels/app.kubernetes.io~1name"),
              set(
                  "prod",
                  "Service/user-worker",
                  "/metadata/labels/app.kubernetes.io~1part-of",
                  "other"),
              set(
                  "dev",
                  "StatefulSet/kafka",
                  "/metadata/labels/app.kubernetes.io~1version",
                  "0.0.9")),
          Rule.ofPods(
              "every pod says so too",
              workload -> isLabelled(workload.podLabels()),
              remove(
                  "dev",
                  "StatefulSet/kafka",
                  "/spec/template/metadata/labels/app.kubernetes.io~1part-of")),
          every(
              "everything is in our namespace, which alone is in none",
              one ->
                  Rendering.kind(one).equals("Namespace")
                      ? Rendering.name(one).equals(NAMESPACE)
                      : one.at("/metadata/namespace").asText().equals(NAMESPACE),
              set("prod", "Service/data-worker", "/metadata/namespace", "default"),
              remove("prod", "Deployment/user-worker", "/metadata/namespace"),
              set("prod", "Namespace/sallyport", "/metadata/name", "other")),
          Rule.of(
              "the namespace enforces, audits and warns by Pod Security restricted, pinned",
              rendering ->
                  Stream.of("enforce", "audit", "warn")
                      .filter(mode -> rendering.all("Namespace").noneMatch(it -> holds(it, mode))),
              drop("prod", "Namespace/sallyport"),
              set("prod", "Namespace/sallyport", security("enforce"), "baseline"),
              remove("prod", "Namespace/sallyport", security("audit")),
              remove("prod", "Namespace/sallyport", security("warn")),
              set("prod", "Namespace/sallyport", security("enforce-version"), "latest")),
          Rule.of(
              "prod brings neither a store nor a secret",
              rendering ->
                  rendering.isProd()
                      ? Stream.of("Secret", "StatefulSet")
                          .flatMap(rendering::all)
                          .map(Rendering::title)
                      : Stream.empty(),
              add("prod", "{apiVersion: v1, kind: Secret, metadata: {name: user-worker}}"),
              add("prod", "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: postgres}}")));

  private ObjectRules() {}

  private static Rule every(String promise, Predicate<JsonNode> holds, Edit... breaks) {
    return Rule.of(
        promise,
        rendering -> rendering.documents().stream().filter(holds.negate()).map(Rendering::title),
        breaks);
  }

  private static boolean isLabelled(JsonNode labels) {
    return labels.path("app.kubernetes.io/name").isTextual()
        && labels.path("app.kubernetes.io/part-of").asText().equals("sallyport")
        && labels.path("app.kubernetes.io/version").asText().equals(Manifests.release());
  }

  private static String security(String mode) {
    return "/metadata/labels/pod-security.kubernetes.io~1" + mode;
  }

  private static boolean holds(JsonNode namespace, String mode) {
    return namespace.at(security(mode)).asText().equals("restricted")
        && PINNED.matcher(namespace.at(security(mode + "-version")).asText()).matches();
  }
}
