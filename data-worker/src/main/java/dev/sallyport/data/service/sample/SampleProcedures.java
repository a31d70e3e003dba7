package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.rpc.RpcPolicy;
import dev.sallyport.model.rpc.RpcException;
import dev.sallyport.model.rpc.RpcFault;
import dev.sallyport.model.sample.SampleRpc;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;

/** The examples of the JSON-RPC 2.0 specification, open to every signed-in user. */
@ApplicationScoped
class SampleProcedures implements SampleRpc, RpcPolicy {
  private final SampleSettings settings;

  @Inject
  SampleProcedures(SampleSettings settings) {
    this.settings = settings;
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public Access accessTo(String method) {
    return Access.users();
  }

  @Override
  public long subtract(long minuend, long subtrahend) {
    try {
      return Math.subtractExact(minuend, subtrahend);
    } catch (ArithmeticException overflow) {
      throw tooLarge("subtrahend");
    }
  }

  @Override
  public long sum(long... values) {
    long sum = 0;
    for (long value : values) {
      try {
        sum = Math.addExact(sum, value);
      } catch (ArithmeticException overflow) {
        throw tooLarge("values");
      }
    }
    return sum;
  }

  @Override
  public List<Object> getData() {
    return List.of("hello", 5);
  }

  private static RpcException tooLarge(String field) {
    var error = Map.of("field", field, "message", "leads beyond what 64 bits hold");
    return RpcFault.INVALID_PARAMS.because(Map.of("errors", List.of(error)));
  }
}
