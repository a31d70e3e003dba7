/**
 * What both ends of a remote call share: services are interfaces that extend {@link
 * dev.sallyport.model.rpc.RpcApi}, {@link dev.sallyport.model.rpc.RpcContract} reads what such an
 * interface promises, {@link dev.sallyport.model.rpc.RpcClient} calls it from Java, and {@link
 * dev.sallyport.model.rpc.JsonRpc} has the bounds and names of the protocol, JSON-RPC 2.0.
 *
 * <p>No framework and no JSON library: a client is given a codec and a way to send bytes.
 */
@NullMarked
package dev.sallyport.model.rpc;

import org.jspecify.annotations.NullMarked;
