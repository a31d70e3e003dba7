/**
 * Remote calls: JSON-RPC 2.0 at {@code POST /api/internal/rpc}, which the public {@code /api/rpc}
 * leads to. Whoever writes a service implements an interface that extends {@link
 * dev.sallyport.model.rpc.RpcApi} in a bean, and lets the bean be a {@link
 * dev.sallyport.data.rpc.RpcPolicy} that says who may call what; nobody may what it does not open.
 *
 * <p>Start reading at {@link dev.sallyport.data.rpc.RpcCalls}: {@link
 * dev.sallyport.data.rpc.RequestReader} takes the bytes apart, {@link
 * dev.sallyport.data.rpc.BatchRun} has up to ten entries run side by side on virtual threads until
 * the caller's time is over, {@link dev.sallyport.data.rpc.ParamBinder} fits parameters to a
 * method, {@link dev.sallyport.data.rpc.Discovery} describes them.
 *
 * <p>A method that fails is {@code -32603} with the request's id, and logged under it.
 */
@NullMarked
package dev.sallyport.data.rpc;

import org.jspecify.annotations.NullMarked;
