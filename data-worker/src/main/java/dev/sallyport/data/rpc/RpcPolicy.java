package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.Access;

/**
 * Who may call the methods of a service over HTTP. The bean that implements the service implements
 * this beside it; without it the service is there for nobody.
 *
 * <pre>{@code
 * @ApplicationScoped
 * class Prices implements PricesRpc, RpcPolicy {
 *   public Access accessTo(String method) {
 *     return Access.users();
 *   }
 *   …
 * }
 * }</pre>
 *
 * <p>Its methods run on virtual threads and may block, several at once; {@link
 * dev.sallyport.data.binding.InternalCall#current} says there who is calling. When the caller's
 * time is over they are interrupted. They throw {@link dev.sallyport.model.rpc.RpcException}, or a
 * {@link dev.sallyport.data.binding.Refusal}, to answer with an error of their own.
 */
public interface RpcPolicy {
  /**
   * Who may call this method; read once, at the start of the worker. To all others it looks as if
   * it were not there.
   *
   * @param method as the interface calls it, such as {@code quote}
   */
  default Access accessTo(String method) {
    return Access.nobody();
  }

  /** Whether this worker offers the service at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }
}
