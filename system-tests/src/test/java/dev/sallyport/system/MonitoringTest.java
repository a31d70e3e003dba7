package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alerts ask for nothing that the running workers do not export. */
@ExtendWith(SharedDeployment.class)
class MonitoringTest {
  private static final Path HOME = Path.of(System.getProperty("sallyport.home", ".."));
  private static final Path MONITORING = HOME.resolve("k8s/components/monitoring");

  /** What the scraper adds to every sample of a pod. */
  private static final Set<String> OF_THE_TARGET = Set.of("namespace", "pod", "container", "job");

  /** What comes from elsewhere: Prometheus itself, cAdvisor, kube-state-metrics. */
  private static final Map<String, Set<String>> OF_THE_CLUSTER =
      Map.of(
          "up", Set.of(),
          "container_cpu_usage_seconds_total", Set.of(),
          "container_memory_working_set_bytes", Set.of(),
          "kube_pod_container_resource_limits", Set.of("resource"),
          "kube_pod_container_status_restarts_total", Set.of(),
          "kube_deployment_status_replicas_available", Set.of("deployment"),
          "kube_deployment_status_replicas_unavailable", Set.of("deployment"),
          "kube_horizontalpodautoscaler_status_desired_replicas", Set.of("horizontalpodautoscaler"),
          "kube_horizontalpodautoscaler_status_current_replicas", Set.of("horizontalpodautoscaler"),
          "kube_horizontalpodautoscaler_spec_max_replicas", Set.of("horizontalpodautoscaler"));

  private static final Pattern NAME =
      Pattern.compile(
          "sallyport_(actor|audit|auth|binding|cache|cron|kv|lease|limit|platform|queue|realtime|room|route|rpc|worker|workflow)_[a-z_]+");
  private static final Pattern LABEL_IN_WORDS = Pattern.compile("\\$labels\\.(\\w+)");
  private static final Pattern LABEL_IN_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

  private final Map<String, Set<String>> exported = new HashMap<>(OF_THE_CLUSTER);
  private final Deployment deployment;

  MonitoringTest(Deployment deployment) {
    this.deployment = deployment;
    var session = deployment.accounts().newSession();
    deployment.userWorker().http().get("/api/internal/ping", "Authorization", session.bearer());
    for (var worker : List.of(deployment.userWorker(), deployment.dataWorker())) {
      Metrics.of(worker)
          .labels()
          .forEach((name, labels) -> exported.merge(name, labels, this::sum));
    }
  }

  private Set<String> sum(Set<String> some, Set<String> others) {
    return Stream.concat(some.stream(), others.stream()).collect(Collectors.toSet());
  }

  private static JsonNode rules() throws IOException {
    var yaml =
        YAMLMapper.builder(
                YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .build();
    var rule = yaml.readTree(Files.readString(MONITORING.resolve("alerts.yaml")));
    assertThat(rule.required("kind").asText()).isEqualTo("PrometheusRule");
    return rule.required("spec");
  }

  private static List<JsonNode> alerts() throws IOException {
    return StreamSupport.stream(rules().required("groups").spliterator(), false)
        .flatMap(group -> StreamSupport.stream(group.required("rules").spliterator(), false))
        .toList();
  }

  private static List<JsonNode> panels() throws IOException {
    var dashboard = Json.parse(Files.readString(MONITORING.resolve("dashboard.json")));
    return StreamSupport.stream(dashboard.required("panels").spliterator(), false)
        .filter(panel -> !panel.required("type").asText().equals("row"))
        .toList();
  }

  /** Fails unless all that the expression names is there; returns the labels it may leave. */
  private Set<String> check(String expression) {
    var read = PromQl.read(expression);
    assertThat(read.selectors()).as(expression).isNotEmpty();
    var known = new TreeSet<>(OF_THE_TARGET);
    for (var selector : read.selectors()) {
      assertThat(exported).as(expression).containsKey(selector.metric());
      var labels = exported.getOrDefault(selector.metric(), Set.of());
      known.addAll(labels);
      assertThat(sum(labels, OF_THE_TARGET)).as(expression).containsAll(selector.labels());
    }
    assertThat(known).as(expression).containsAll(read.grouping());
    return known;
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(it -> it.group(1)).collect(Collectors.toSet());
  }

  @Test
  void everyMetricOfOursHasAFeatureInItsName() {
    assertThat(exported.keySet())
        .filteredOn(name -> name.contains("sallyport"))
        .hasSizeGreaterThan(10)
        .allMatch(NAME.asMatchPredicate());
  }

  @Test
  void everyPanelAsksForWhatIsExportedAndSaysWhatItShows() throws IOException {
    assertThat(panels()).hasSizeGreaterThan(10);
    for (var panel : panels()) {
      assertThat(panel.required("description").asText()).isNotBlank();
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotBlank();
      for (var target : panel.required("targets")) {
        var known = check(target.required("expr").asText());
        assertThat(known)
            .containsAll(found(LABEL_IN_LEGEND, target.required("legendFormat").asText()));
      }
    }
  }

  @Test
  void theVariablesOfTheDashboardAskForWhatIsExported() throws IOException {
    var dashboard = Json.parse(Files.readString(MONITORING.resolve("dashboard.json")));
    for (var variable : dashboard.at("/templating/list")) {
      if (variable.required("type").asText().equals("query")) {
        check(variable.required("definition").asText());
      }
    }
  }

  @Test
  void everyAlertAsksForWhatIsExportedAndNamesTheNextStep() throws IOException {
    var headings =
        Files.readAllLines(HOME.resolve("docs/operations.md")).stream()
            .filter(line -> line.startsWith("#"))
            .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-'))
            .toList();
    assertThat(alerts()).hasSizeGreaterThan(10);
    for (var alert : alerts()) {
      var known = check(alert.required("expr").asText());
      var annotations = alert.required("annotations");
      var words =
          annotations.required("summary").asText() + annotations.required("description").asText();
      assertThat(known).containsAll(found(LABEL_IN_WORDS, words));
      assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning");
      var runbook = annotations.required("runbook_url").asText();
      assertThat(runbook).startsWith("docs/operations.md#");
      assertThat(headings).contains(runbook.substring(runbook.indexOf('#') + 1));
    }
  }

  @Test
  void theWorkersSayWhoTheyAreAndThatAllIsWell() {
    var user = Metrics.of(deployment.userWorker());
    var data = Metrics.of(deployment.dataWorker());
    assertThat(user.value("sallyport_worker_info", "worker", "user-worker")).isEqualTo(1);
    assertThat(data.value("sallyport_worker_info", "worker", "data-worker")).isEqualTo(1);
    assertThat(user.value("sallyport_binding_up", "binding", "BACKEND_SERVICE")).isEqualTo(1);
    assertThat(data.value("sallyport_platform_schema_usable", "schema", "data_platform"))
        .isEqualTo(1);
    assertThat(user.value("sallyport_binding_calls_seconds_count", "outcome", "succeeded"))
        .isPositive();
    assertThat(user.value("sallyport_auth_usable")).isEqualTo(1);
    assertThat(user.value("sallyport_auth_revocations_age_seconds")).isBetween(0.0, 1.5);
    assertThat(user.value("sallyport_platform_postgres_connections")).isPositive();
    assertThat(data.value("sallyport_platform_postgres_connections")).isPositive();
  }

  @Test
  void promtoolFiresEachAlertAndNoneWhenAllIsWell(@TempDir Path folder) throws Exception {
    var promtool = promtool();
    assumeThat(promtool).as("promtool on the PATH (Debian: prometheus)").isNotNull();
    new YAMLMapper().writeValue(folder.resolve("rules.yaml").toFile(), rules());
    Files.copy(Path.of("src/test/resources/alerts-test.yaml"), folder.resolve("alerts-test.yaml"));
    var process =
        new ProcessBuilder(String.valueOf(promtool), "test", "rules", "alerts-test.yaml")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("out"))).isZero();
  }

  private static @Nullable Path promtool() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "promtool"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }
}
