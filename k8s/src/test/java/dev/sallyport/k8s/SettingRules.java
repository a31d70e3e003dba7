package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.ENV;
import static dev.sallyport.k8s.Edit.POD;
import static dev.sallyport.k8s.Edit.drop;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the processes are told, and as whom they run. */
final class SettingRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";
  private static final String STORE = "StatefulSet/postgres";
  private static final String BACKEND = "SALLYPORT_BINDINGS_BACKEND_SERVICE_URL";

  private static final Pattern SECRET_NAME =
      Pattern.compile("PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|_KEYS?$|_KEY_");
  private static final Pattern URL_WITH_PASSWORD = Pattern.compile("//[^/@]*:[^/@]*@");

  /** What an operator makes before the first apply; k8s/README.md says how. */
  private static final Map<String, Set<String>> OPERATORS_SECRETS =
      Map.of(
          "sallyport-signing", Set.of("keys"),
          "data-worker", Set.of("database-password"),
          "user-worker",
              Set.of(
                  "database-password",
                  "key-encryption-key",
                  "bootstrap-admin-email",
                  "bootstrap-admin-password"));

  /** A worker refuses to start with a setting below `sallyport.` that it does not know. */
  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          "user-worker",
              Set.of(
                  "SALLYPORT_SIGNING_KEYS",
                  BACKEND,
                  "SALLYPORT_AUTH_KEY_ENCRYPTION_KEY",
                  "SALLYPORT_BOOTSTRAP_ADMIN_EMAIL",
                  "SALLYPORT_BOOTSTRAP_ADMIN_PASSWORD",
                  "SALLYPORT_TRUSTED_HOPS",
                  "SALLYPORT_LIMIT_ADDRESS_PER_MINUTE",
                  "SALLYPORT_LIMIT_PATIENCE",
                  "SALLYPORT_LIMIT_PRINCIPAL_PER_MINUTE",
                  "SALLYPORT_ORIGINS",
                  "SALLYPORT_HOSTS",
                  "SALLYPORT_ROUTES_FILE",
                  "SALLYPORT_AUDIT_ENABLED",
                  "SALLYPORT_AUDIT_WAITING_MAX"),
          "data-worker",
              Set.of(
                  "SALLYPORT_SIGNING_KEYS",
                  "SALLYPORT_WORKER_ID",
                  "SALLYPORT_WORKER_ADDRESS",
                  "SALLYPORT_AUDIT_KEEP",
                  "SALLYPORT_QUEUE_REPLICATION",
                  "SALLYPORT_ACTOR_OPEN",
                  "SALLYPORT_BLOB_BUCKET",
                  "SALLYPORT_BLOB_ENDPOINT",
                  "SALLYPORT_BLOB_REGION",
                  "SALLYPORT_BLOB_PREFIX",
                  "SALLYPORT_BLOB_PATH_STYLE",
                  "SALLYPORT_BLOB_ACCESS_KEY",
                  "SALLYPORT_BLOB_SECRET_KEY"));

  static final List<Rule> ALL =
      List.of(
          Rule.of(
              "every workload runs under a ServiceAccount of its own, which is there",
              rendering ->
                  rendering
                      .workloads()
                      .filter(it ->
                          !it.pod().path("serviceAccountName").asText().equals(it.name())
                              || rendering.find("ServiceAccount", it.name()).isEmpty())
                      .map(Workload::title),
              remove("prod", USER, POD + "/serviceAccountName"),
              set("prod", USER, POD + "/serviceAccountName", "data-worker"),
              drop("dev", "ServiceAccount/kafka")),
          Rule.of(
              "no pod gets a token for the API server",
              rendering ->
                  Stream.concat(
                          rendering.all("ServiceAccount").filter(it -> mounts(it)),
                          rendering
                              .workloads()
                              .filter(it -> mounts(it.pod()))
                              .map(Workload::document))
                      .map(Rendering::title),
              remove("prod", USER, POD + "/automountServiceAccountToken"),
              set("prod", "ServiceAccount/user-worker", "/automountServiceAccountToken", "true"),
              set("dev", STORE, POD + "/automountServiceAccountToken", "true")),
          Rule.ofPods(
              "no Service becomes an environment variable",
              workload -> workload.pod().path("enableServiceLinks").asText().equals("false"),
              remove("prod", USER, POD + "/enableServiceLinks")),
          Rule.ofContainers(
              "what is secret comes from a Secret",
              container ->
                  container
                      .path("env")
                      .valueStream()
                      .filter(it -> SECRET_NAME.matcher(it.path("name").asText()).find())
                      .allMatch(it -> it.at("/valueFrom/secretKeyRef").isObject()),
              set(
                  "dev",
                  USER,
                  ENV + "/@QUARKUS_DATASOURCE_PASSWORD",
                  "{name: QUARKUS_DATASOURCE_PASSWORD, value: a}"),
              set(
                  "prod",
                  DATA,
                  ENV + "/@SALLYPORT_SIGNING_KEYS",
                  "{name: SALLYPORT_SIGNING_KEYS, value: 'a:b'}")),
          Rule.ofKind(
              "ConfigMap",
              "no ConfigMap holds a secret",
              map ->
                  map.path("data")
                      .propertyStream()
                      .noneMatch(it ->
                          SECRET_NAME.matcher(it.getKey()).find()
                              || URL_WITH_PASSWORD.matcher(it.getValue().asText()).find()),
              set("prod", "ConfigMap/stores", "/data/QUARKUS_DATASOURCE_PASSWORD", "a"),
              set("prod", "ConfigMap/stores", "/data/QUARKUS_REDIS_HOSTS", "redis://a:b@c:1")),
          Rule.of(
              "every Secret and ConfigMap that is asked for is there, or is the operator's to make",
              rendering ->
                  rendering
                      .workloads()
                      .filter(_ -> rendering.isOverlay())
                      .flatMap(workload -> dangling(rendering, workload)),
              drop("dev", "Secret/sallyport-signing"),
              drop("prod", "ConfigMap/stores"),
              remove("dev", "Secret/user-worker", "/stringData/key-encryption-key"),
              set(
                  "prod",
                  USER,
                  ENV + "/@SALLYPORT_SIGNING_KEYS/valueFrom/secretKeyRef/key",
                  "kyes"),
              set("dev", STORE, POD + "/volumes/@provision/configMap/name", "provision")),
          Rule.ofWorkers(
              "a worker is given only settings that it knows",
              worker ->
                  worker
                      .pod()
                      .at("/containers/0/env")
                      .valueStream()
                      .map(it -> it.path("name").asText())
                      .filter(name -> name.startsWith("SALLYPORT_"))
                      .allMatch(KNOWN.getOrDefault(worker.name(), Set.of())::contains),
              set("prod", USER, ENV + "/-", "{name: SALLYPORT_WORKER_ID, value: a}"),
              set("prod", DATA, ENV + "/-", "{name: SALLYPORT_TRUSTED_HOPS, value: '1'}")),
          Rule.of(
              "a data-worker knows its pod's name and address",
              rendering ->
                  rendering
                      .find("Deployment", "data-worker")
                      .map(Workload::new)
                      .filter(SettingRules::knowsItself)
                      .map(_ -> Stream.<String>empty())
                      .orElse(Stream.of("data-worker")),
              remove("prod", DATA, ENV + "/@SALLYPORT_WORKER_ADDRESS"),
              remove("prod", DATA, ENV + "/@POD_IP"),
              set("prod", DATA, ENV + "/@POD_IP/valueFrom/fieldRef/fieldPath", "status.hostIP"),
              set(
                  "prod",
                  DATA,
                  ENV + "/@SALLYPORT_WORKER_ADDRESS/value",
                  "http://data-worker:8080"),
              set("prod", DATA, CONTAINER + "/ports/@http/containerPort", "8081"),
              set("prod", DATA, ENV + "/@SALLYPORT_WORKER_ID", "{name: a, value: b}")),
          Rule.of(
              "every host that a worker is sent to within the cluster is a Service with that port",
              rendering ->
                  addresses(rendering).filter(address -> !leadsToAService(rendering, address)),
              set("prod", USER, ENV + "/@" + BACKEND + "/value", "http://data-wroker:8080"),
              set("prod", USER, ENV + "/@" + BACKEND + "/value", "http://data-worker:9000"),
              set("dev", "ConfigMap/stores", "/data/KAFKA_BOOTSTRAP_SERVERS", "kafka:9093"),
              drop("dev", "Service/redis")));

  private SettingRules() {}

  /** Whether the token is mounted: it is, unless somebody says no. */
  private static boolean mounts(JsonNode accountOrPod) {
    return accountOrPod.path("automountServiceAccountToken").asBoolean(true);
  }

  private static Stream<String> dangling(Rendering rendering, Workload workload) {
    JsonNode pod = workload.pod();
    Stream<JsonNode> secrets =
        workload
            .containers()
            .flatMap(it -> it.path("env").valueStream())
            .map(it -> it.at("/valueFrom/secretKeyRef"))
            .filter(JsonNode::isObject)
            .filter(it ->
                !secretKeys(rendering, it.path("name").asText()).contains(it.path("key").asText()));
    Stream<JsonNode> maps =
        Stream.concat(
                workload
                    .containers()
                    .flatMap(it -> it.path("envFrom").valueStream())
                    .map(it -> it.path("configMapRef")),
                pod.path("volumes").valueStream().map(it -> it.path("configMap")))
            .filter(JsonNode::isObject)
            .filter(it -> rendering.find("ConfigMap", it.path("name").asText()).isEmpty());
    return Stream.concat(secrets, maps).map(JsonNode::toString);
  }

  private static Set<String> secretKeys(Rendering rendering, String name) {
    if (rendering.isProd()) {
      return OPERATORS_SECRETS.getOrDefault(name, Set.of());
    }
    return rendering
        .find("Secret", name)
        .map(secret ->
            Set.copyOf(secret.path("stringData").propertyStream().map(it -> it.getKey()).toList()))
        .orElse(Set.of());
  }

  private static boolean knowsItself(Workload worker) {
    Optional<Integer> port = worker.port("http");
    return field(worker, "SALLYPORT_WORKER_ID").equals("metadata.name")
        && field(worker, "POD_IP").equals("status.podIP")
        && port.map(it -> "http://$(POD_IP):" + it)
            .filter(worker.variable("SALLYPORT_WORKER_ADDRESS").path("value").asText()::equals)
            .isPresent();
  }

  private static String field(Workload worker, String variable) {
    return worker.variable(variable).at("/valueFrom/fieldRef/fieldPath").asText();
  }

  /** As {@code host:port}; in prod the stores are elsewhere. */
  private static Stream<String> addresses(Rendering rendering) {
    Stream<String> backend =
        rendering
            .workers()
            .map(it -> it.variable(BACKEND).path("value").asText())
            .filter(it -> !it.isEmpty());
    Stream<String> stores =
        rendering
            .find("ConfigMap", "stores")
            .filter(_ -> rendering.isDev())
            .map(it -> it.path("data").valueStream().map(JsonNode::asText))
            .orElse(Stream.empty());
    return Stream.concat(backend, stores);
  }

  private static boolean leadsToAService(Rendering rendering, String address) {
    URI uri = URI.create(address.contains("//") ? address : "tcp://" + address);
    return rendering
        .find("Service", String.valueOf(uri.getHost()))
        .filter(service ->
            service
                .at("/spec/ports")
                .valueStream()
                .anyMatch(it -> it.path("port").asInt() == uri.getPort()))
        .isPresent();
  }
}
