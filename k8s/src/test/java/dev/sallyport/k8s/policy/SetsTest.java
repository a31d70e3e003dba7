package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ports and addresses as exact sets. */
class SetsTest {

  @Test
  void portsAreUnitedAndIntersectedByProtocol() {
    var low = Ports.range(Protocol.TCP, 1, 100);
    var high = Ports.range(Protocol.TCP, 50, 200);
    assertThat(low.or(high)).isEqualTo(Ports.range(Protocol.TCP, 1, 200));
    assertThat(low.and(high)).isEqualTo(Ports.range(Protocol.TCP, 50, 100));
    assertThat(low.and(Ports.all(Protocol.UDP))).isEqualTo(Ports.NONE);
    assertThat(low.and(Ports.ALL)).isEqualTo(low);
    assertThat(low.or(Ports.ALL)).isEqualTo(Ports.ALL);
  }

  @Test
  void portsSayTheirRanges() {
    var ports =
        Ports.of(Protocol.UDP, 53)
            .or(Ports.range(Protocol.TCP, 8000, 8002))
            .or(Ports.of(Protocol.TCP, 80));
    assertThat(ports.ranges()).containsExactly("TCP 80", "TCP 8000-8002", "UDP 53");
    assertThat(Ports.ALL.ranges())
        .containsExactly("TCP every port", "UDP every port", "SCTP every port");
    assertThat(ports.contains(Protocol.TCP, 8002)).isTrue();
    assertThat(ports.contains(Protocol.TCP, 53)).isFalse();
  }

  @Test
  void aPortIsBetweenOneAnd65535() {
    assertThat(Ports.of(Protocol.TCP, 65_535).isEmpty()).isFalse();
    assertThatThrownBy(() -> Ports.of(Protocol.TCP, 65_536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> Ports.of(Protocol.TCP, 0)).hasMessageContaining("0");
  }

  @Test
  void aBlockHoldsWhatItsPrefixSays() {
    var block = Block.of("172.16.5.4/12");
    assertThat(block).hasToString("172.16.0.0/12");
    assertThat(block.contains(Address.of("172.31.255.255"))).isTrue();
    assertThat(block.contains(Address.of("172.32.0.0"))).isFalse();
    assertThat(block.contains(Address.of("172.15.255.255"))).isFalse();
    assertThat(Block.of("0.0.0.0/0").contains(Address.of("255.255.255.255"))).isTrue();
    assertThat(Block.of("0.0.0.0/0").contains(Address.of("::1"))).isFalse();
    assertThat(Block.of("192.0.2.7/32").last()).isEqualTo(Address.of("192.0.2.7"));
    assertThat(Block.of("2001:db8::/32").contains(Address.of("2001:db8:ffff::1"))).isTrue();
    assertThat(Block.of("2001:db8::/32").contains(Address.of("2001:db9::"))).isFalse();
  }

  @Test
  void aHoleIsInsideOnlyWhenSomethingIsLeft() {
    var ten = Block.of("10.0.0.0/8");
    assertThat(Block.of("10.1.0.0/16").isInside(ten)).isTrue();
    assertThat(ten.isInside(ten)).isFalse();
    assertThat(Block.of("11.0.0.0/16").isInside(ten)).isFalse();
  }

  @Test
  void whatIsNoAddressIsRefusedWithoutAskingAnybody() {
    assertThatThrownBy(() -> Address.of("example.org")).hasMessageContaining("example.org");
    assertThatThrownBy(() -> Block.of("10.0.0.0")).hasMessageContaining("10.0.0.0");
    assertThatThrownBy(() -> Block.of("10.0.0.0/33")).hasMessageContaining("33");
  }

  @Test
  void theSpaceIsCutWhereAPolicyDrawsALine() {
    var policies =
        Fixture.policies(
            """
            podSelector: {}
            policyTypes: [Egress]
            egress:
              - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]
                ports: [{port: 443}]
              - to: [{ipBlock: {cidr: 10.1.0.0/16}}, {ipBlock: {cidr: "2001:db8::/127"}}]
                ports: [{port: 443}]
            """);
    var https = Ports.of(Protocol.TCP, 443);
    assertThat(
            AddressSpace.dividedBy(policies)
                .reachable(address -> policies.leaves(Fixture.CLIENT, address)))
        .containsExactly(
            Map.entry("addresses 0.0.0.0-9.255.255.255", https),
            Map.entry("addresses 10.1.0.0-10.1.255.255", https),
            Map.entry("addresses 11.0.0.0-255.255.255.255", https),
            Map.entry("addresses 2001:db8:0:0:0:0:0:0-2001:db8:0:0:0:0:0:1", https));
  }
}
