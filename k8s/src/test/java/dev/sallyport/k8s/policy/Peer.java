package dev.sallyport.k8s.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One item of a rule's {@code from} or {@code to}. */
sealed interface Peer {

  /**
   * Whether a position is meant.
   *
   * @param home the namespace of the policy
   */
  default boolean matches(Position other, String home) {
    return switch (this) {
      case Pods(var namespaces, var pods) ->
          switch (other) {
            case Position.Outside _ -> false;
            case Position.Pod pod ->
                (namespaces == null
                        ? pod.namespace().name().equals(home)
                        : namespaces.matches(pod.namespace().labels()))
                    && (pods == null || pods.matches(pod.labels()));
          };
      case Addresses(var block, var except) ->
          block.contains(other.address())
              && except.stream().noneMatch(hole -> hole.contains(other.address()));
    };
  }

  /**
   * Pods by label. With both selectors in <em>one</em> item both must hold; as two items of the
   * list either is enough, which is the trap that opens a namespace by one dash too many.
   *
   * @param namespaces absent: the policy's own namespace. Empty: every namespace
   * @param pods absent or empty: every pod of those namespaces
   */
  record Pods(@Nullable Selector namespaces, @Nullable Selector pods) implements Peer {
    public Pods {
      if (namespaces == null && pods == null) {
        throw new IllegalArgumentException("a peer says nothing: the API server refuses it");
      }
    }
  }

  /**
   * An {@code ipBlock}. It is meant for addresses outside of the cluster; whether it also matches
   * pods is up to the network plugin, so here it does: that is the answer that finds more holes.
   */
  record Addresses(Block block, List<Block> except) implements Peer {
    public Addresses {
      except = List.copyOf(except);
      for (var hole : except) {
        if (!hole.isInside(block)) {
          throw new IllegalArgumentException(hole + " is not inside " + block);
        }
      }
    }
  }
}
