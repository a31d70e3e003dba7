package dev.sallyport.model.sample;

import dev.sallyport.model.rpc.RpcApi;
import dev.sallyport.model.rpc.RpcParam;
import dev.sallyport.model.rpc.RpcService;
import java.util.List;

/** The examples of the JSON-RPC 2.0 specification. */
@RpcService("sample")
public interface SampleRpc extends RpcApi {
  /** What is left. */
  long subtract(@RpcParam("minuend") long minuend, @RpcParam("subtrahend") long subtrahend);

  /** All of them together; 0 for none. */
  long sum(@RpcParam("values") long... values);

  /** {@code ["hello",5]}. */
  List<Object> getData();
}
