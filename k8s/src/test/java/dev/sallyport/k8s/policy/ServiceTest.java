package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a Service leads. */
class ServiceTest {

  private static final List<Position.Pod> EVERYBODY =
      List.of(
          Fixture.SERVER,
          Fixture.CLIENT,
          Fixture.STRANGER,
          Fixture.CLIENT_AWAY,
          Fixture.STRANGER_AWAY);

  @Test
  void itLeadsToTheSelectedPodsOfItsNamespaceOnTheirPort() {
    assertThat(leads("{selector: {app: server}, ports: [{port: 80, targetPort: 8080}]}"))
        .containsExactly("home/server 8080");
    assertThat(leads("{selector: {app: client}, ports: [{port: 80, targetPort: 1}]}"))
        .containsExactly("home/client 1");
  }

  @Test
  void withoutATargetPortItIsItsOwn() {
    assertThat(leads("{selector: {app: server}, ports: [{port: 80}]}"))
        .containsExactly("home/server 80");
  }

  @Test
  void aNameIsLookedUpInEachPod() {
    assertThat(leads("{selector: {app: client}, ports: [{port: 80, targetPort: http}]}"))
        .containsExactly("home/client 9999");
  }

  @Test
  void aNameThatNoContainerDeclaresLeadsNowhere() {
    assertThat(leads("{selector: {app: server}, ports: [{port: 80, targetPort: htpp}]}")).isEmpty();
    assertThat(leads("{selector: {app: server}, ports: [{port: 53, targetPort: dns}]}")).isEmpty();
    assertThat(
            leads("{selector: {app: server}, ports: [{port: 53, targetPort: dns, protocol: UDP}]}"))
        .containsExactly("home/server 5353");
  }

  @Test
  void aSelectorThatNobodyMatchesLeadsNowhere() {
    assertThat(leads("{selector: {app: sever}, ports: [{port: 80, targetPort: 8080}]}")).isEmpty();
  }

  @Test
  void nobodyTranslatesThePortOfAHeadlessOne() {
    assertThat(
            leads(
                "{clusterIP: None, selector: {app: server}, ports: [{port: 80, targetPort: http}]}"))
        .containsExactly("home/server 80");
  }

  @Test
  void whatNoPolicyGovernsIsRefused() {
    assertThatThrownBy(() -> leads("{ports: [{port: 80}]}")).hasMessageContaining("selector");
    assertThatThrownBy(() -> leads("{type: NodePort, selector: {a: b}, ports: [{port: 80}]}"))
        .hasMessageContaining("way in");
    assertThatThrownBy(() -> leads("{externalIPs: [192.0.2.1], selector: {a: b}, ports: []}"))
        .hasMessageContaining("way in");
  }

  private static List<String> leads(String spec) {
    var manifest =
        Fixture.manifest(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: home}, spec: "
                + spec
                + "}");
    return manifest.services().getFirst().endpoints(EVERYBODY).stream()
        .map(endpoint -> endpoint.pod().name() + " " + endpoint.podPort())
        .toList();
  }
}
