package dev.sallyport.k8s.policy;

import static dev.sallyport.k8s.policy.Fixture.CLIENT;
import static dev.sallyport.k8s.policy.Fixture.CLIENT_AWAY;
import static dev.sallyport.k8s.policy.Fixture.OUTSIDE;
import static dev.sallyport.k8s.policy.Fixture.SERVER;
import static dev.sallyport.k8s.policy.Fixture.STRANGER;
import static dev.sallyport.k8s.policy.Fixture.STRANGER_AWAY;
import static dev.sallyport.k8s.policy.Fixture.policies;
import static dev.sallyport.k8s.policy.Fixture.policy;
import static dev.sallyport.k8s.policy.Fixture.serverAdmits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a NetworkPolicy means, one promise at a time. */
class SemanticsTest {

  private static final Ports HTTP = Ports.of(Protocol.TCP, 8080);

  @Test
  void withoutAPolicyEverybodyReachesEverybody() {
    var none = policies();
    assertThat(none.connects(CLIENT, SERVER)).isEqualTo(Ports.ALL);
    assertThat(none.connects(OUTSIDE, SERVER)).isEqualTo(Ports.ALL);
    assertThat(none.connects(SERVER, OUTSIDE)).isEqualTo(Ports.ALL);
  }

  @Test
  void aPolicyWithoutRulesClosesTheDirectionsThatItNames() {
    var closed = policies("{podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress]}");
    assertThat(closed.connects(CLIENT, SERVER)).isEqualTo(Ports.NONE);
    assertThat(closed.connects(SERVER, CLIENT)).isEqualTo(Ports.ALL);
    assertThat(closed.connects(CLIENT, STRANGER)).isEqualTo(Ports.ALL);
  }

  @Test
  void anEmptyPodSelectorSelectsEveryPodOfItsNamespaceAndNoOther() {
    var closed = policies("{podSelector: {}, policyTypes: [Ingress, Egress]}");
    assertThat(closed.connects(CLIENT, SERVER)).isEqualTo(Ports.NONE);
    assertThat(closed.connects(STRANGER, OUTSIDE)).isEqualTo(Ports.NONE);
    assertThat(closed.connects(CLIENT_AWAY, STRANGER_AWAY)).isEqualTo(Ports.ALL);
  }

  @Test
  void aConnectionNeedsBothSides() {
    var server = serverAdmits("- {ports: [{port: 8080}]}").all().getFirst();
    var client =
        policy("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53}]}]}");
    var both = new Policies(List.of(server, client));
    assertThat(both.leaves(CLIENT, SERVER)).isEqualTo(Ports.of(Protocol.TCP, 53));
    assertThat(both.enters(CLIENT, SERVER)).isEqualTo(HTTP);
    assertThat(both.connects(CLIENT, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void policiesAndRulesAddUpAndNothingTakesAway() {
    var open = "{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 8080}]}]}";
    var more =
        "{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 1}]}, {ports: [{port: 2}]}]}";
    var deny = "{podSelector: {}, policyTypes: [Ingress]}";
    var expected = HTTP.or(Ports.range(Protocol.TCP, 1, 2));
    assertThat(policies(open, more, deny).enters(CLIENT, SERVER)).isEqualTo(expected);
    assertThat(policies(deny, more, open).enters(CLIENT, SERVER)).isEqualTo(expected);
  }

  @Test
  void anEmptyRuleOpensEverything() {
    var open = serverAdmits("- {}");
    assertThat(open.enters(OUTSIDE, SERVER)).isEqualTo(Ports.ALL);
    assertThat(open.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.ALL);
  }

  @Test
  void withoutPortsEveryPortOfEveryProtocolIsOpen() {
    var absent = serverAdmits("- from: [{podSelector: {}}]");
    var empty = serverAdmits("- {from: [{podSelector: {}}], ports: []}");
    assertThat(absent.enters(CLIENT, SERVER)).isEqualTo(Ports.ALL);
    assertThat(empty.enters(CLIENT, SERVER)).isEqualTo(Ports.ALL);
  }

  @Test
  void withoutFromEverybodyIsMeantAndTheOutsideToo() {
    var absent = serverAdmits("- ports: [{port: 8080}]");
    var empty = serverAdmits("- {from: [], ports: [{port: 8080}]}");
    assertThat(absent.enters(OUTSIDE, SERVER)).isEqualTo(HTTP);
    assertThat(empty.enters(OUTSIDE, SERVER)).isEqualTo(HTTP);
  }

  @Test
  void portsInAnItemOfTheirOwnOpenThemToEverybodyAndTheRestToThePeer() {
    var split =
        serverAdmits(
            """
            - from: [{podSelector: {matchLabels: {app: client}}}]
            - ports: [{port: 8080}]
            """);
    assertThat(split.enters(CLIENT, SERVER)).isEqualTo(Ports.ALL);
    assertThat(split.enters(OUTSIDE, SERVER)).isEqualTo(HTTP);
  }

  @Test
  void aPodSelectorAloneMeansPodsOfThePolicysOwnNamespace() {
    var rule = serverAdmits("- {from: [{podSelector: {matchLabels: {app: client}}}]}");
    assertThat(rule.enters(CLIENT, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(CLIENT_AWAY, SERVER)).isEqualTo(Ports.NONE);
    assertThat(rule.enters(STRANGER, SERVER)).isEqualTo(Ports.NONE);
    assertThat(rule.enters(OUTSIDE, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void aNamespaceSelectorAloneMeansEveryPodOfThoseNamespaces() {
    var rule = serverAdmits("- {from: [{namespaceSelector: {matchLabels: {team: other}}}]}");
    assertThat(rule.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(CLIENT, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void bothSelectorsInOneItemMustHoldTogether() {
    var rule =
        serverAdmits(
            """
            - from:
                - namespaceSelector: {matchLabels: {team: other}}
                  podSelector: {matchLabels: {app: client}}
            """);
    assertThat(rule.enters(CLIENT_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(CLIENT, SERVER)).isEqualTo(Ports.NONE);
    assertThat(rule.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void asTwoItemsEitherSelectorIsEnough() {
    var rule =
        serverAdmits(
            """
            - from:
                - namespaceSelector: {matchLabels: {team: other}}
                - podSelector: {matchLabels: {app: client}}
            """);
    assertThat(rule.enters(CLIENT_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(CLIENT, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(STRANGER, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void anEmptyNamespaceSelectorMeansEveryNamespaceButNotTheOutside() {
    var rule = serverAdmits("- {from: [{namespaceSelector: {}}]}");
    assertThat(rule.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(STRANGER, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(OUTSIDE, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void theNameOfANamespaceIsALabelThatItAlwaysHas() {
    var rule =
        serverAdmits(
            "- {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: away}}}]}");
    assertThat(rule.enters(CLIENT_AWAY, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(CLIENT, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void aBlockOfAddressesHasItsHoles() {
    var rule =
        serverAdmits("- {from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}]}");
    assertThat(rule.enters(OUTSIDE, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(at("192.0.2.127"), SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(at("192.0.2.128"), SERVER)).isEqualTo(Ports.NONE);
    assertThat(rule.enters(at("192.0.3.0"), SERVER)).isEqualTo(Ports.NONE);
    assertThat(rule.enters(at("2001:db8::1"), SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void aBlockThatCoversAPodsAddressIsTakenToMeanThePod() {
    var rule = serverAdmits("- {from: [{ipBlock: {cidr: 10.0.0.0/24}}]}");
    assertThat(rule.enters(STRANGER, SERVER)).isEqualTo(Ports.ALL);
    assertThat(rule.enters(STRANGER_AWAY, SERVER)).isEqualTo(Ports.NONE);
  }

  @Test
  void aPortWithoutAProtocolIsTcp() {
    assertThat(serverAdmits("- ports: [{port: 8080}]").enters(CLIENT, SERVER)).isEqualTo(HTTP);
  }

  @Test
  void aProtocolWithoutAPortIsEveryPortOfThatProtocol() {
    assertThat(serverAdmits("- ports: [{protocol: SCTP}]").enters(CLIENT, SERVER))
        .isEqualTo(Ports.all(Protocol.SCTP));
  }

  @Test
  void anEndPortIsTheLastOfARange() {
    assertThat(serverAdmits("- ports: [{port: 8000, endPort: 8002}]").enters(CLIENT, SERVER))
        .isEqualTo(Ports.range(Protocol.TCP, 8000, 8002));
  }

  @Test
  void aNameIsLookedUpInThePodThatIsConnectedTo() {
    var in = serverAdmits("- ports: [{port: http}]");
    assertThat(in.enters(CLIENT, SERVER)).isEqualTo(HTTP);
    var out =
        policies("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}");
    assertThat(out.leaves(CLIENT, SERVER)).isEqualTo(HTTP);
    assertThat(out.leaves(SERVER, CLIENT)).isEqualTo(Ports.of(Protocol.TCP, 9999));
    assertThat(out.leaves(CLIENT, STRANGER)).isEqualTo(Ports.NONE);
    assertThat(out.leaves(CLIENT, OUTSIDE)).isEqualTo(Ports.NONE);
  }

  @Test
  void aNameOfAnotherProtocolIsAnotherName() {
    assertThat(serverAdmits("- ports: [{port: dns}]").enters(CLIENT, SERVER)).isEqualTo(Ports.NONE);
    assertThat(serverAdmits("- ports: [{port: dns, protocol: UDP}]").enters(CLIENT, SERVER))
        .isEqualTo(Ports.of(Protocol.UDP, 5353));
  }

  @Test
  void withoutPolicyTypesIngressIsClosedAndEgressOnlyWhereThereAreEgressRules() {
    assertThat(policy("{podSelector: {}}").directions()).containsExactly(Direction.INGRESS);
    assertThat(policy("{podSelector: {}, egress: [{}]}").directions())
        .containsExactlyInAnyOrder(Direction.INGRESS, Direction.EGRESS);
    assertThat(policy("{podSelector: {}, egress: []}").directions())
        .containsExactly(Direction.INGRESS);
  }

  @Test
  void rulesOfADirectionThatThePolicyDoesNotNameHaveNoEffect() {
    var policies = policies("{podSelector: {}, policyTypes: [Egress], ingress: [{}]}");
    assertThat(policies.isolates(SERVER, Direction.INGRESS)).isFalse();
    assertThat(policies.connects(CLIENT, SERVER)).isEqualTo(Ports.NONE);
    assertThat(policies.connects(CLIENT_AWAY, SERVER)).isEqualTo(Ports.ALL);
  }

  @Test
  void isolationInOneDirectionLeavesTheOtherOpen() {
    var policies = policies("{podSelector: {matchLabels: {app: server}}, policyTypes: [Egress]}");
    assertThat(policies.connects(SERVER, OUTSIDE)).isEqualTo(Ports.NONE);
    assertThat(policies.connects(OUTSIDE, SERVER)).isEqualTo(Ports.ALL);
  }

  @Test
  void whatAClusterRefusesIsRefused() {
    assertThatThrownBy(() -> serverAdmits("- from: [{}]")).hasMessageContaining("says nothing");
    assertThatThrownBy(() -> serverAdmits("- from: [{ipBlock: {}}]")).hasMessageContaining("cidr");
    assertThatThrownBy(
            () -> serverAdmits("- from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]"))
        .hasMessageContaining("ipBlock");
    assertThatThrownBy(
            () -> serverAdmits("- from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]"))
        .hasMessageContaining("not inside");
    assertThatThrownBy(() -> serverAdmits("- ports: [{port: 0}]")).hasMessageContaining("ports");
    assertThatThrownBy(() -> serverAdmits("- ports: [{port: 2, endPort: 1}]"))
        .hasMessageContaining("range");
    assertThatThrownBy(() -> serverAdmits("- ports: [{port: http, endPort: 1}]"))
        .hasMessageContaining("endPort");
    assertThatThrownBy(() -> policy("{podSelector: {}, policyTypes: [Both]}"))
        .hasMessageContaining("policyType");
    assertThatThrownBy(() -> policy("{policyTypes: [Ingress]}"))
        .hasMessageContaining("podSelector");
  }

  private static Position at(String address) {
    return new Position.Outside(address, Address.of(address));
  }
}
