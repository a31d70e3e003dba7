package dev.sallyport.k8s.policy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads NetworkPolicies, filling in what the API server fills in. */
final class PolicyReader {

  private PolicyReader() {}

  static Policy read(NetworkPolicy policy) {
    var spec = policy.getSpec();
    if (spec == null || spec.getPodSelector() == null) {
      throw new IllegalArgumentException("a policy without a podSelector is refused");
    }
    return new Policy(
        Manifest.namespace(policy),
        policy.getMetadata().getName(),
        selector(spec.getPodSelector()),
        directions(spec),
        spec.getIngress().stream().map(it -> rule(it.getFrom(), it.getPorts())).toList(),
        spec.getEgress().stream().map(it -> rule(it.getTo(), it.getPorts())).toList());
  }

  /** Where the field is absent: ingress always, egress only if there are egress rules. */
  private static Set<Direction> directions(NetworkPolicySpec spec) {
    var directions = EnumSet.noneOf(Direction.class);
    for (var type : spec.getPolicyTypes()) {
      directions.add(
          switch (type) {
            case "Ingress" -> Direction.INGRESS;
            case "Egress" -> Direction.EGRESS;
            default -> throw new IllegalArgumentException("no such policyType: " + type);
          });
    }
    if (directions.isEmpty()) {
      directions.add(Direction.INGRESS);
      if (!spec.getEgress().isEmpty()) {
        directions.add(Direction.EGRESS);
      }
    }
    return directions;
  }

  private static Policy.Rule rule(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {
    return new Policy.Rule(
        peers.stream().map(PolicyReader::peer).toList(),
        ports.stream().map(PolicyReader::port).toList());
  }

  private static Peer peer(NetworkPolicyPeer peer) {
    var block = peer.getIpBlock();
    var namespaces = peer.getNamespaceSelector();
    var pods = peer.getPodSelector();
    if (block == null) {
      return new Peer.Pods(
          namespaces == null ? null : selector(namespaces), pods == null ? null : selector(pods));
    }
    if (namespaces != null || pods != null) {
      throw new IllegalArgumentException("an ipBlock and a selector in one peer are refused");
    }
    return addresses(block);
  }

  private static Peer addresses(IPBlock block) {
    if (block.getCidr() == null) {
      throw new IllegalArgumentException("an ipBlock without a cidr is refused");
    }
    return new Peer.Addresses(
        Block.of(block.getCidr()), block.getExcept().stream().map(Block::of).toList());
  }

  private static PortRule port(NetworkPolicyPort port) {
    var protocol = Protocol.of(port.getProtocol());
    IntOrString number = port.getPort();
    Integer end = port.getEndPort();
    if (number == null || number.getStrVal() != null) {
      if (end != null) {
        throw new IllegalArgumentException("an endPort without a number before it is refused");
      }
      return number == null
          ? new PortRule.Every(protocol)
          : new PortRule.Named(protocol, number.getStrVal());
    }
    int from = number.getIntVal();
    return new PortRule.Range(protocol, from, end == null ? from : end);
  }

  private static Selector selector(LabelSelector selector) {
    var requirements = new ArrayList<>(Selector.of(selector.getMatchLabels()).requirements());
    selector.getMatchExpressions().stream()
        .map(PolicyReader::requirement)
        .forEach(requirements::add);
    return new Selector(requirements);
  }

  private static Selector.Requirement requirement(LabelSelectorRequirement expression) {
    var key = expression.getKey();
    @Nullable String operator = expression.getOperator();
    if (key == null || operator == null) {
      throw new IllegalArgumentException("an expression without key or operator is refused");
    }
    var values = Set.copyOf(expression.getValues());
    if (operator.endsWith("Exist") || operator.equals("Exists")) {
      if (!values.isEmpty()) {
        throw new IllegalArgumentException(operator + " with values is refused");
      }
    }
    return switch (operator) {
      case "In" -> new Selector.In(key, values);
      case "NotIn" -> new Selector.NotIn(key, values);
      case "Exists" -> new Selector.Exists(key);
      case "DoesNotExist" -> new Selector.DoesNotExist(key);
      default -> throw new IllegalArgumentException("no such operator: " + operator);
    };
  }
}
