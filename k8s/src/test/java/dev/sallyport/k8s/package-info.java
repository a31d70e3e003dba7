/**
 * What the manifests promise, held against the files that {@code k8s/render} wrote.
 *
 * <p>An API server takes almost anything: a probe of a port that is not there, a Service that
 * selects nobody, a route to the private worker. So each promise is a {@link
 * dev.sallyport.k8s.Rule} of our own, and each rule names an edit that it must notice. Start
 * reading at {@link dev.sallyport.k8s.LintTest}; {@link dev.sallyport.k8s.Manifests} is the door to
 * the objects.
 *
 * <p>No cluster and no network are needed. Only the comparison with a fresh rendering wants a
 * {@code kubectl} or {@code kustomize}; without one it is skipped and says so.
 */
@NullMarked
package dev.sallyport.k8s;

import org.jspecify.annotations.NullMarked;
