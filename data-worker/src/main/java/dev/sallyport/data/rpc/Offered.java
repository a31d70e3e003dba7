package dev.sallyport.data.rpc;

import com.fasterxml.jackson.databind.JavaType;
import dev.sallyport.data.binding.Access;
import dev.sallyport.model.rpc.RpcApi;
import dev.sallyport.model.rpc.RpcContract.Operation;
import java.util.List;

/**
 * One method that can be called. Immutable.
 *
 * @param types of its parameters, in order
 */
record Offered(Operation operation, RpcApi bean, List<JavaType> types, Access access) {
  Offered {
    types = List.copyOf(types);
  }
}
