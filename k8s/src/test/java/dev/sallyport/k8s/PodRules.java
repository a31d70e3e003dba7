package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.POD;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Pod Security `restricted` and what goes beyond it, for the workers and the stores alike. */
final class PodRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";
  private static final String STORE = "StatefulSet/postgres";

  /** Above every user that a distribution makes for itself, so nobody on the node. */
  private static final int LOWEST_USER = 10_000;

  private static final Set<String> VOLUMES =
      Set.of("configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret");

  /** What a second container might be, with all that a first one has to say. */
  private static final String CARELESS = "{name: careless, image: 'docker.io/library/busybox:1'}";

  static final List<Rule> ALL =
      List.of(
          Rule.ofPods(
              "no pod runs as root, a worker as nobody of the node",
              PodRules::runsAsNobody,
              set("prod", USER, POD + "/securityContext/runAsNonRoot", "false"),
              remove("prod", DATA, POD + "/securityContext/runAsNonRoot"),
              set("prod", USER, POD + "/securityContext/runAsUser", "1000"),
              remove("prod", USER, POD + "/securityContext/runAsGroup"),
              set("dev", STORE, POD + "/securityContext/runAsUser", "0"),
              set("prod", USER, CONTAINER + "/securityContext/runAsUser", "0"),
              set("prod", USER, CONTAINER + "/securityContext/runAsNonRoot", "false")),
          Rule.ofContainers(
              "no container gains privileges",
              container ->
                  isFalse(container.at("/securityContext/allowPrivilegeEscalation"))
                      && !container.at("/securityContext/privileged").asBoolean(),
              set("prod", DATA, CONTAINER + "/securityContext/allowPrivilegeEscalation", "true"),
              remove("dev", STORE, CONTAINER + "/securityContext/allowPrivilegeEscalation"),
              set("prod", DATA, CONTAINER + "/securityContext/privileged", "true"),
              set("prod", DATA, POD + "/initContainers", "[" + CARELESS + "]"),
              set("prod", DATA, POD + "/containers/-", CARELESS)),
          Rule.ofContainers(
              "no container has a capability",
              container ->
                  container.at("/securityContext/capabilities/drop/0").asText().equals("ALL")
                      && container.at("/securityContext/capabilities/add").isMissingNode(),
              remove("prod", USER, CONTAINER + "/securityContext/capabilities"),
              set("prod", USER, CONTAINER + "/securityContext/capabilities/drop", "[NET_RAW]"),
              set("prod", USER, CONTAINER + "/securityContext/capabilities/add", "[NET_ADMIN]")),
          Rule.ofPods(
              "system calls are filtered as the container runtime does by default",
              workload ->
                  profile(workload.pod()).equals("RuntimeDefault")
                      && workload
                          .containers()
                          .map(PodRules::profile)
                          .allMatch(own -> own.isEmpty() || own.equals("RuntimeDefault")),
              remove("prod", USER, POD + "/securityContext/seccompProfile"),
              set("prod", USER, POD + "/securityContext/seccompProfile/type", "Unconfined"),
              set(
                  "prod",
                  USER,
                  CONTAINER + "/securityContext/seccompProfile",
                  "{type: Unconfined}")),
          Rule.ofContainers(
              "no container can write to its image",
              container -> container.at("/securityContext/readOnlyRootFilesystem").asBoolean(),
              set("prod", USER, CONTAINER + "/securityContext/readOnlyRootFilesystem", "false"),
              remove("dev", STORE, CONTAINER + "/securityContext/readOnlyRootFilesystem")),
          Rule.ofPods(
              "every volume is of a kind that reaches nothing of the node",
              workload ->
                  workload
                      .pod()
                      .path("volumes")
                      .valueStream()
                      .flatMap(volume -> volume.propertyStream())
                      .allMatch(it -> it.getKey().equals("name") || VOLUMES.contains(it.getKey())),
              set("prod", USER, POD + "/volumes/-", "{name: node, hostPath: {path: /}}"),
              set("dev", STORE, POD + "/volumes/-", "{name: far, nfs: {server: a, path: /}}")),
          Rule.ofPods(
              "an emptyDir has a size, in all no more than the container may take of the disk",
              PodRules::fitsTheDisk,
              remove("prod", USER, POD + "/volumes/@tmp/emptyDir/sizeLimit"),
              set("prod", USER, POD + "/volumes/@tmp/emptyDir/sizeLimit", "1Gi")),
          Rule.ofPods(
              "no pod sees the node's network, processes or memory",
              workload ->
                  Stream.of("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
                      .noneMatch(field -> workload.pod().path(field).asBoolean()),
              set("prod", USER, POD + "/hostNetwork", "true"),
              set("prod", USER, POD + "/hostPID", "true"),
              set("prod", USER, POD + "/hostIPC", "true"),
              set("prod", DATA, POD + "/shareProcessNamespace", "true")),
          Rule.ofContainers(
              "no container takes a port of the node",
              container ->
                  container.path("ports").valueStream().noneMatch(port -> port.has("hostPort")),
              set("prod", USER, CONTAINER + "/ports/@http/hostPort", "80")),
          Rule.ofPods(
              "no pod chooses what else confines it: SELinux, AppArmor and Windows stay as they are",
              workload ->
                  Stream.concat(Stream.of(workload.pod()), workload.containers())
                      .map(it -> it.path("securityContext"))
                      .noneMatch(it ->
                          it.has("seLinuxOptions")
                              || it.has("appArmorProfile")
                              || it.has("windowsOptions")),
              set("prod", USER, POD + "/securityContext/seLinuxOptions", "{type: spc_t}"),
              set(
                  "prod",
                  USER,
                  CONTAINER + "/securityContext/appArmorProfile",
                  "{type: Unconfined}"),
              set("dev", STORE, POD + "/securityContext/windowsOptions", "{hostProcess: true}")),
          Rule.ofPods(
              "no pod changes the kernel's settings or what of /proc is hidden",
              workload ->
                  workload.pod().at("/securityContext/sysctls").isMissingNode()
                      && workload
                          .containers()
                          .allMatch(it -> it.at("/securityContext/procMount").isMissingNode()),
              set(
                  "prod",
                  USER,
                  POD + "/securityContext/sysctls",
                  "[{name: kernel.msgmax, value: '1'}]"),
              set("prod", USER, CONTAINER + "/securityContext/procMount", "Unmasked")));

  private PodRules() {}

  private static boolean runsAsNobody(Workload workload) {
    int lowest = workload.isWorker() ? LOWEST_USER : 1;
    JsonNode context = workload.pod().path("securityContext");
    return context.path("runAsNonRoot").asBoolean()
        && context.path("runAsUser").asInt() >= lowest
        && context.path("runAsGroup").asInt() >= lowest
        && workload
            .containers()
            .map(container -> container.path("securityContext"))
            .noneMatch(
                own -> own.has("runAsUser") || own.has("runAsGroup") || own.has("runAsNonRoot"));
  }

  private static boolean isFalse(JsonNode node) {
    return node.isBoolean() && !node.asBoolean();
  }

  private static String profile(JsonNode podOrContainer) {
    return podOrContainer.at("/securityContext/seccompProfile/type").asText();
  }

  private static boolean fitsTheDisk(Workload workload) {
    var sizes =
        workload
            .pod()
            .path("volumes")
            .valueStream()
            .filter(volume -> volume.has("emptyDir"))
            .map(volume -> Amount.of(volume.at("/emptyDir/sizeLimit")))
            .toList();
    var disk =
        workload
            .containers()
            .map(container -> Amount.of(container.at("/resources/limits/ephemeral-storage")))
            .reduce(Amount.NONE, Amount::plus);
    return sizes.stream().noneMatch(Amount::isNone)
        && sizes.stream().reduce(Amount.NONE, Amount::plus).compareTo(disk) <= 0;
  }
}
