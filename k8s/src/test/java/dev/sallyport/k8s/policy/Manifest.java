package dev.sallyport.k8s.policy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the Kubernetes objects of one overlay say about the network, and nothing else of them.
 *
 * @param namespaces those that the overlay makes
 * @param workloads what makes pods
 */
record Manifest(
    List<Position.Namespace> namespaces,
    List<Workload> workloads,
    List<Service> services,
    Policies policies) {

  Manifest {
    namespaces = List.copyOf(namespaces);
    workloads = List.copyOf(workloads);
    services = List.copyOf(services);
  }

  /**
   * The pods of a Deployment, StatefulSet or DaemonSet.
   *
   * @param labels of the template
   * @param selectorLabels those of them that tell these pods from others
   */
  record Workload(
      String namespace,
      String name,
      Map<String, String> labels,
      Map<String, String> selectorLabels,
      List<Position.ContainerPort> ports) {}

  /**
   * Reads them; kinds that have no part in it are passed over.
   *
   * @throws IllegalArgumentException when a cluster would refuse an object, or a kind could have a
   *     part in it that is not modelled
   */
  static Manifest of(List<? extends HasMetadata> objects) {
    var namespaces = new ArrayList<Position.Namespace>();
    var workloads = new ArrayList<Workload>();
    var services = new ArrayList<Service>();
    var policies = new ArrayList<Policy>();
    for (var object : objects) {
      switch (object) {
        case io.fabric8.kubernetes.api.model.Namespace namespace ->
            namespaces.add(
                new Position.Namespace(
                    namespace.getMetadata().getName(), namespace.getMetadata().getLabels()));
        case Deployment it -> {
          var spec = it.getSpec();
          workloads.add(workload(it, spec.getSelector(), spec.getTemplate()));
        }
        case StatefulSet it -> {
          var spec = it.getSpec();
          workloads.add(workload(it, spec.getSelector(), spec.getTemplate()));
        }
        case DaemonSet it -> {
          var spec = it.getSpec();
          workloads.add(workload(it, spec.getSelector(), spec.getTemplate()));
        }
        case io.fabric8.kubernetes.api.model.Service service ->
            services.add(ServiceReader.read(service));
        case io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy policy ->
            policies.add(PolicyReader.read(policy));
        default -> refuseUnknownMakersOfPods(object);
      }
    }
    return new Manifest(namespaces, workloads, services, new Policies(policies));
  }

  /** The namespace of an object; every one of ours states it. */
  static String namespace(HasMetadata object) {
    var namespace = object.getMetadata().getNamespace();
    if (namespace == null || namespace.isEmpty()) {
      throw new IllegalArgumentException(
          object.getKind() + " " + object.getMetadata().getName() + " states no namespace");
    }
    return namespace;
  }

  private static Workload workload(
      HasMetadata owner, LabelSelector selector, PodTemplateSpec template) {
    var pod = template.getSpec();
    var ports =
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
            .flatMap(Manifest::ports)
            .toList();
    return new Workload(
        namespace(owner),
        owner.getMetadata().getName(),
        Map.copyOf(template.getMetadata().getLabels()),
        Map.copyOf(selector.getMatchLabels()),
        ports);
  }

  private static Stream<Position.ContainerPort> ports(Container container) {
    return container.getPorts().stream()
        .map(port ->
            new Position.ContainerPort(
                port.getName() == null ? "" : port.getName(),
                Protocol.of(port.getProtocol()),
                port.getContainerPort()));
  }

  private static void refuseUnknownMakersOfPods(HasMetadata object) {
    if (List.of("Pod", "ReplicaSet", "ReplicationController", "Job", "CronJob", "EndpointSlice")
            .contains(object.getKind())
        || object.getKind().endsWith("NetworkPolicy")) {
      throw new IllegalArgumentException(
          object.getKind() + " has a part in who reaches whom: teach Manifest to read it");
    }
  }
}
