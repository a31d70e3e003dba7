/**
 * Who can reach whom, computed from NetworkPolicy objects instead of tried on a cluster.
 *
 * <p>Start with {@link dev.sallyport.k8s.policy.Policies}: it is the whole of the semantics of
 * {@code networking.k8s.io/v1} in one screen, and {@link dev.sallyport.k8s.policy.SemanticsTest}
 * beside it states each rule as a promise, the traps first. The source for both is <a
 * href="https://kubernetes.io/docs/concepts/services-networking/network-policies/">Network
 * Policies</a> in the Kubernetes documentation, and the field comments of the <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/">API
 * reference</a>, which are more exact.
 *
 * <p>The parts: {@link dev.sallyport.k8s.policy.Selector}, {@link dev.sallyport.k8s.policy.Peer}
 * and {@link dev.sallyport.k8s.policy.PortRule} are what a policy is made of; {@link
 * dev.sallyport.k8s.policy.Ports} and {@link dev.sallyport.k8s.policy.Block} are exact sets of
 * ports and of addresses, so that nothing depends on which ones somebody thought of probing. {@link
 * dev.sallyport.k8s.policy.Manifest} reads all of that from the Kubernetes objects. {@link
 * dev.sallyport.k8s.policy.World} adds everybody who might try: attackers, impostors, neighbours.
 * {@link dev.sallyport.k8s.policy.Report} writes the answer down as the lines of {@code
 * k8s/golden}; {@link dev.sallyport.k8s.policy.BoundaryLint} refuses shapes that are only right by
 * accident; {@link dev.sallyport.k8s.policy.Mutations} breaks a manifest in every way it knows, to
 * see that one of the two notices. {@link dev.sallyport.k8s.policy.PacketPlan} writes an overlay
 * down as a network that the system tests build from namespaces of the kernel.
 *
 * <p>Everything here is an immutable value or a pure function, and may be used from any thread.
 * What a cluster would refuse or ignore is an {@link java.lang.IllegalArgumentException}.
 */
@NullMarked
package dev.sallyport.k8s.policy;

import org.jspecify.annotations.NullMarked;
