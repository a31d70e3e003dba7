package dev.sallyport.data.rpc;

import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcContract.Parameter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Describes methods as OpenRPC does. Thread-safe. */
@Singleton
class Discovery {
  private static final String OPENRPC = "1.3.2";

  private final String version;

  @Inject
  Discovery(@ConfigProperty(name = "quarkus.application.version") String version) {
    this.version = version;
  }

  /** The document, as what JSON is made of, with these methods and what they need. */
  Map<String, Object> describe(List<Offered> methods) {
    var schemas = new Schemas();
    var described = methods.stream().map(one -> method(one, schemas)).toList();
    var document = new LinkedHashMap<String, Object>();
    document.put("openrpc", OPENRPC);
    document.put("info", Map.of("title", "Sallyport", "version", version));
    document.put("servers", List.of(Map.of("name", "here", "url", JsonRpc.PUBLIC_PATH)));
    document.put("methods", described);
    if (!schemas.named().isEmpty()) {
      document.put("components", Map.of("schemas", schemas.named()));
    }
    return document;
  }

  private static Map<String, Object> method(Offered offered, Schemas schemas) {
    var operation = offered.operation();
    var params = new ArrayList<Map<String, Object>>();
    for (var parameter : operation.parameters()) {
      params.add(descriptor(parameter.name(), parameter.required(), schemas.of(parameter.type())));
    }
    var method = new LinkedHashMap<String, Object>();
    method.put("name", operation.name());
    // By position what is variadic is no array, which cannot be said here.
    boolean variadic = operation.parameters().stream().anyMatch(Parameter::variadic);
    method.put("paramStructure", variadic ? "by-name" : "either");
    method.put("params", params);
    method.put(
        "result",
        Map.of("name", "result", "schema", schemas.of(operation.method().getGenericReturnType())));
    return method;
  }

  private static Map<String, Object> descriptor(
      String name, boolean required, Map<String, Object> schema) {
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put("name", name);
    descriptor.put("required", required);
    descriptor.put("schema", schema);
    return descriptor;
  }
}
