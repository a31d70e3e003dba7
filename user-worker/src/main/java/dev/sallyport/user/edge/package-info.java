/**
 * The edge: everything a public request passes before it reaches a handler, in the order of {@link
 * dev.sallyport.user.edge.Edge}, and the proxy to the private side.
 *
 * <p>The first line of defence sits below HTTP routing: {@link
 * dev.sallyport.user.edge.StrictRequestDecoder} refuses request heads and chunked bodies that two
 * servers could read differently, and heads that take too long. Then {@link
 * dev.sallyport.user.edge.RequestTarget} refuses paths that could mean two things, and {@link
 * dev.sallyport.user.edge.HeaderRules} decides what may pass.
 *
 * <p>All of it runs on the connection's event loop and never blocks; waiting calls are bounded by
 * the binding's pool.
 */
@NullMarked
package dev.sallyport.user.edge;

import org.jspecify.annotations.NullMarked;
