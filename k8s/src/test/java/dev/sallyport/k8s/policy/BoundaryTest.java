package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The boundary in sentences, for every overlay and every component alone. The golden files say
 * more; these say it so that a failure names what is lost.
 */
class BoundaryTest {

  private static final String USER_WORKER = "sallyport/user-worker";
  private static final String DATA_WORKER = "sallyport/data-worker";
  private static final String GATEWAY = "envoy-gateway-system/gateway";
  private static final String INGRESS_CONTROLLER = "traefik/ingress-controller";
  private static final String PROMETHEUS = "monitoring/prometheus";

  private static final Ports HTTP = Ports.of(Protocol.TCP, 8080);
  private static final Ports MANAGEMENT = Ports.of(Protocol.TCP, 9000);

  private static final Map<String, Ports> STORES =
      Map.of(
          "postgres", Ports.of(Protocol.TCP, 5432),
          "redis", Ports.of(Protocol.TCP, 6379),
          "kafka", Ports.of(Protocol.TCP, 9092));

  static List<Overlay> everyOverlay() {
    return Overlay.all();
  }

  static List<Overlay> applied() {
    return Overlay.APPLIED.stream().map(Overlay::read).toList();
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void nothingButTheUserWorkerReachesADataWorkersPort(Overlay overlay) {
    assertThat(whoConnectsTo(overlay, DATA_WORKER, HTTP)).containsExactly(USER_WORKER);
    assertThat(whoEnters(overlay, DATA_WORKER, HTTP)).containsExactly(USER_WORKER);
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void theUserWorkerReachesADataWorkerOnThatPortAlone(Overlay overlay) {
    assertThat(connects(overlay, USER_WORKER, DATA_WORKER)).isEqualTo(HTTP);
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void noDataWorkerReachesADataWorker(Overlay overlay) {
    assertThat(connects(overlay, DATA_WORKER, DATA_WORKER)).isEqualTo(Ports.NONE);
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void noWorkerReachesAUserWorker(Overlay overlay) {
    assertThat(connects(overlay, DATA_WORKER, USER_WORKER)).isEqualTo(Ports.NONE);
    assertThat(connects(overlay, USER_WORKER, USER_WORKER)).isEqualTo(Ports.NONE);
  }

  @ParameterizedTest
  @MethodSource("applied")
  void onlyTheGatewayReachesAUserWorkersPort(Overlay overlay) {
    assertThat(whoConnectsTo(overlay, USER_WORKER, HTTP)).containsExactly(GATEWAY);
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void aUserWorkersPortIsForGatewaysAndNobodyElse(Overlay overlay) {
    assertThat(whoConnectsTo(overlay, USER_WORKER, HTTP)).isSubsetOf(GATEWAY, INGRESS_CONTROLLER);
  }

  @ParameterizedTest
  @MethodSource("applied")
  void onlyPrometheusReachesTheManagementPorts(Overlay overlay) {
    assertThat(whoConnectsTo(overlay, USER_WORKER, MANAGEMENT)).containsExactly(PROMETHEUS);
    assertThat(whoConnectsTo(overlay, DATA_WORKER, MANAGEMENT)).containsExactly(PROMETHEUS);
    assertThat(connects(overlay, PROMETHEUS, DATA_WORKER)).isEqualTo(MANAGEMENT);
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void noUndeclaredPortOfAWorkerIsOpenToAnybody(Overlay overlay) {
    var declared = HTTP.or(MANAGEMENT);
    for (var worker : List.of(USER_WORKER, DATA_WORKER)) {
      for (var other : overlay.world().everybody()) {
        var open = overlay.manifest().policies().enters(other, overlay.pod(worker));
        assertThat(open.and(declared)).as(other.name()).isEqualTo(open);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void theOutsideReachesNobody(Overlay overlay) {
    for (var outside : overlay.world().outside()) {
      for (var pod : overlay.world().ours()) {
        assertThat(connects(overlay, outside.name(), pod.name())).isEqualTo(Ports.NONE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void aPodThatSomebodyAddsReachesNobodyAndNobodyReachesIt(Overlay overlay) {
    for (var added : List.of("sallyport/attacker", "sallyport/no labels")) {
      for (var other : overlay.world().everybody()) {
        assertThat(connects(overlay, added, other.name())).as(other.name()).isEqualTo(Ports.NONE);
        assertThat(connects(overlay, other.name(), added)).as(other.name()).isEqualTo(Ports.NONE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void theRightLabelsInAnotherNamespaceOpenNothing(Overlay overlay) {
    var impostors =
        overlay.world().pods().stream().filter(pod -> pod.kind().endsWith("'s labels")).toList();
    assertThat(impostors).extracting(Position.Pod::name).contains("elsewhere/user-worker's labels");
    for (var impostor : impostors) {
      for (var pod : overlay.world().ours()) {
        assertThat(connects(overlay, impostor.name(), pod.name()))
            .as(impostor.name() + " to " + pod.name())
            .isEqualTo(Ports.NONE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void aNeighbourReachesNobody(Overlay overlay) {
    for (var pod : overlay.world().ours()) {
      assertThat(connects(overlay, "elsewhere/neighbour", pod.name())).isEqualTo(Ports.NONE);
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void storesHaveNoEgressNotEvenToNames(Overlay overlay) {
    var policies = overlay.manifest().policies();
    for (var store : storesOf(overlay)) {
      for (var other : overlay.world().everybody()) {
        assertThat(policies.leaves(overlay.pod(store), other)).isEqualTo(Ports.NONE);
      }
      assertThat(
              AddressSpace.dividedBy(policies)
                  .reachable(address -> policies.leaves(overlay.pod(store), address)))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void aStoreTakesTheWorkersOnItsPortAndNobodyElse(Overlay overlay) {
    for (var store : storesOf(overlay)) {
      var port = STORES.getOrDefault(store.substring("sallyport/".length()), Ports.NONE);
      assertThat(whoConnectsTo(overlay, store, Ports.ALL))
          .containsExactlyInAnyOrder(USER_WORKER, DATA_WORKER);
      assertThat(connects(overlay, USER_WORKER, store)).isEqualTo(port);
      assertThat(connects(overlay, DATA_WORKER, store)).isEqualTo(port);
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void nobodyReachesTheMetadataAddress(Overlay overlay) {
    for (var pod : overlay.world().ours()) {
      assertThat(connects(overlay, pod.name(), "metadata")).isEqualTo(Ports.NONE);
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void onlyTheComponentsForItOpenTheInternet(Overlay overlay) {
    var https = Ports.of(Protocol.TCP, 443);
    var opened =
        switch (overlay.name()) {
          case "egress-identity" -> Map.of(USER_WORKER, https);
          case "egress-web" -> Map.of(DATA_WORKER, https.or(Ports.of(Protocol.TCP, 80)));
          default -> Map.<String, Ports>of();
        };
    for (var pod : overlay.world().ours()) {
      assertThat(connects(overlay, pod.name(), "internet"))
          .as(pod.name())
          .isEqualTo(opened.getOrDefault(pod.name(), Ports.NONE));
    }
  }

  @ParameterizedTest
  @MethodSource("everyOverlay")
  void aServiceLeadsToThePodsOfItsNameAndToNoManagementPort(Overlay overlay) {
    for (var service : overlay.manifest().services()) {
      assertThat(service.endpoints(overlay.world().pods()))
          .as(service.name())
          .isNotEmpty()
          .allSatisfy(endpoint -> {
            assertThat(endpoint.pod().name()).isEqualTo(service.namespace() + "/" + service.name());
            assertThat(endpoint.podPort()).isNotEqualTo(9000);
          });
    }
    assertThat(overlay.manifest().services())
        .extracting(Service::name)
        .contains("user-worker", "data-worker");
  }

  private static List<String> storesOf(Overlay overlay) {
    return STORES.keySet().stream().filter(overlay::has).map(it -> "sallyport/" + it).toList();
  }

  private static Ports connects(Overlay overlay, String from, String to) {
    var world = overlay.world();
    return overlay.manifest().policies().connects(world.named(from), world.named(to));
  }

  private static Set<String> whoConnectsTo(Overlay overlay, String to, Ports ports) {
    return who(overlay, other -> connects(overlay, other.name(), to).and(ports));
  }

  private static Set<String> whoEnters(Overlay overlay, String to, Ports ports) {
    var policies = overlay.manifest().policies();
    return who(overlay, other -> policies.enters(other, overlay.pod(to)).and(ports));
  }

  private static Set<String> who(Overlay overlay, Function<Position, Ports> open) {
    return overlay.world().everybody().stream()
        .filter(other -> !open.apply(other).isEmpty())
        .map(Position::name)
        .collect(Collectors.toSet());
  }
}
