package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.model.rpc.RpcApi;
import dev.sallyport.model.rpc.RpcContract;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every method that this worker's services have. Immutable once made. */
@Singleton
class RpcRegistry {
  private final SortedMap<String, Offered> methods = new TreeMap<>();

  @Inject
  RpcRegistry(@All List<RpcApi> services, RpcJson json) {
    for (var service : services) {
      if (!(service instanceof RpcPolicy policy) || policy.enabled()) {
        for (var api : RpcContract.implementedBy(service.getClass())) {
          RpcContract.of(api).operations().forEach(one -> add(one, service, json));
        }
      }
    }
  }

  private void add(RpcContract.Operation operation, RpcApi service, RpcJson json) {
    var access =
        service instanceof RpcPolicy policy
            ? policy.accessTo(operation.method().getName())
            : Access.nobody();
    var types = operation.parameters().stream().map(one -> json.type(one.type())).toList();
    if (methods.put(operation.name(), new Offered(operation, service, types, access)) != null) {
      throw new IllegalArgumentException("two beans serve " + operation.name());
    }
  }

  /** The method, if it is there for this caller. */
  Optional<Offered> find(String name, Caller.User caller) {
    return Optional.ofNullable(methods.get(name)).filter(one -> one.access().admits(caller));
  }

  /** All that this caller may call, by name. */
  List<Offered> openTo(Caller.User caller) {
    return methods.values().stream().filter(one -> one.access().admits(caller)).toList();
  }
}
