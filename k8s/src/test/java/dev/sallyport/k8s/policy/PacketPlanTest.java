package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The system tests build their network from the files of {@code k8s/packets}: these must be what
 * the overlays say. {@code -Dgolden.write} writes them instead.
 */
class PacketPlanTest {

  private static final Path FOLDER = Path.of("packets").toAbsolutePath();

  /** One with everything, one with stores outside, one with holes in a block of addresses. */
  static List<Overlay> overlays() {
    return List.of(Overlay.read("dev"), Overlay.read("prod"), Overlay.read("egress-web"));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theFilesForThePacketTestAreWhatTheOverlaySays(Overlay overlay) throws IOException {
    var plan = PacketPlan.of(overlay);
    var texts =
        Map.of(
            overlay + ".network", plan.network(),
            overlay + ".services.nft", plan.serviceRules(),
            overlay + ".policies.nft", plan.policyRules());
    for (var text : texts.entrySet()) {
      var file = FOLDER.resolve(text.getKey());
      if (System.getProperty("golden.write") != null) {
        Files.createDirectories(FOLDER);
        Files.writeString(file, text.getValue());
      }
      assertThat(file).hasContent(text.getValue());
    }
  }

  @Test
  void everyPositionOfAnOpenEdgeIsInTheNetwork() {
    for (var overlay : overlays()) {
      var names =
          PacketPlan.of(overlay).hosts().stream().map(host -> host.position().name()).toList();
      overlay
          .golden()
          .lines()
          .filter(line -> line.startsWith("connects "))
          .map(line -> line.substring("connects ".length()).split(" -> | (?=TCP|UDP|SCTP)", -1))
          .forEach(edge -> assertThat(names).contains(edge[0], edge[1]));
    }
  }

  @Test
  void aRuleBecomesAMatchForEachPeerAndPort() {
    var policy =
        Fixture.policy(
            """
            podSelector: {matchLabels: {app: server}}
            policyTypes: [Ingress]
            ingress:
              - from:
                  - podSelector: {matchLabels: {app: client}}
                  - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.8/29]}
                ports: [{port: 80, protocol: TCP}, {protocol: UDP}]
            """);
    var hosts =
        List.of(Fixture.SERVER, Fixture.CLIENT, Fixture.CLIENT_AWAY).stream()
            .map(pod -> new PacketPlan.Host(pod, pod.address()))
            .toList();
    assertThat(Nftables.policies(hosts, new Policies(List.of(policy))))
        .contains(
            """
                ip daddr vmap { 10.0.0.1 : jump ingress_10_0_0_1 }
            """)
        .contains(
            """
              chain ingress_10_0_0_1 {
                ip saddr { 10.0.0.2 } tcp dport 80-80 return
                ip saddr { 10.0.0.2 } meta l4proto udp return
                ip saddr 192.0.2.0/24 ip saddr != { 192.0.2.8/29 } tcp dport 80-80 return
                ip saddr 192.0.2.0/24 ip saddr != { 192.0.2.8/29 } meta l4proto udp return
                goto refuse
              }
            """);
  }
}
