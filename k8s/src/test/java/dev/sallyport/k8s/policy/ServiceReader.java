package dev.sallyport.k8s.policy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads Services. */
final class ServiceReader {

  private ServiceReader() {}

  static Service read(io.fabric8.kubernetes.api.model.Service service) {
    var spec = service.getSpec();
    var type = spec.getType();
    if ((type != null && !type.equals("ClusterIP")) || !spec.getExternalIPs().isEmpty()) {
      // What enters through a node or a load balancer has lost where it came from.
      throw new IllegalArgumentException(
          "Service " + service.getMetadata().getName() + " opens a way in that no policy governs");
    }
    return new Service(
        Manifest.namespace(service),
        service.getMetadata().getName(),
        selector(spec.getSelector()),
        "None".equals(spec.getClusterIP()),
        spec.getPorts().stream().map(ServiceReader::port).toList());
  }

  private static Selector selector(@Nullable Map<String, String> labels) {
    if (labels == null || labels.isEmpty()) {
      // Other than in a policy: it selects nothing, and somebody else says where the name leads.
      throw new IllegalArgumentException("a Service without a selector leads anywhere");
    }
    return Selector.of(labels);
  }

  private static Service.ServicePort port(ServicePort port) {
    if (port.getPort() == null) {
      throw new IllegalArgumentException("a port of a Service without a number is refused");
    }
    var protocol = Protocol.of(port.getProtocol());
    return new Service.ServicePort(
        port.getName() == null ? "" : port.getName(),
        protocol,
        port.getPort(),
        target(port.getTargetPort(), protocol, port.getPort()));
  }

  private static Service.Target target(
      @Nullable IntOrString target, Protocol protocol, int ownPort) {
    if (target == null) {
      return new Service.Target.Fixed(ownPort);
    }
    return target.getStrVal() == null
        ? new Service.Target.Fixed(target.getIntVal())
        : new Service.Target.Named(protocol, target.getStrVal());
  }
}
