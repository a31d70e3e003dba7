package dev.sallyport.model.rpc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls services through their own interfaces. Each call is one request, sent once: whoever gets no
 * answer does not know whether it had its effect. Thread-safe where transport and codec are; a call
 * blocks for as long as the transport does.
 */
public final class RpcClient {
  /** Carries a request to whoever answers. */
  @FunctionalInterface
  public interface Transport {
    /**
     * The answer's body.
     *
     * @throws IOException where there is none that is JSON-RPC, such as for an HTTP status that is
     *     not 200
     */
    byte[] exchange(byte[] request) throws IOException;
  }

  /** Some JSON library. It must read records, and ignore or expect nothing beyond their fields. */
  public interface Codec {
    /** JSON in UTF-8 of maps, lists, texts, numbers, and of what services take. */
    byte[] write(Object value) throws IOException;

    /** Reads JSON; generic types come as {@link ParameterizedType}. */
    @Nullable Object read(byte[] json, Type type) throws IOException;
  }

  /**
   * One answer on the wire.
   *
   * @param id of the request, as the codec reads a number
   */
  public record Answer<T extends @Nullable Object>(
      String jsonrpc, T result, @Nullable RpcError error, @Nullable Object id) {}

  /** {@code Answer<result>}. */
  private record AnswerOf(Type result) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return new Type[] {result};
    }

    @Override
    public Type getRawType() {
      return Answer.class;
    }

    @Override
    public Type getOwnerType() {
      return RpcClient.class;
    }
  }

  private final Transport transport;
  private final Codec codec;
  private final AtomicLong ids = new AtomicLong();

  public RpcClient(Transport transport, Codec codec) {
    this.transport = transport;
    this.codec = codec;
  }

  /**
   * A service to be called like any object. Its methods throw {@link RpcException} for an error
   * that was answered, and {@link UncheckedIOException} where there was no answer.
   *
   * <p>In a native binary the interface is registered as a dynamic proxy.
   *
   * @throws IllegalArgumentException where the interface is none of a service
   */
  public <S extends RpcApi> S of(Class<S> api) {
    var operations = new HashMap<Method, RpcContract.Operation>();
    RpcContract.of(api).operations().forEach(one -> operations.put(one.method(), one));
    return api.cast(
        Proxy.newProxyInstance(
            api.getClassLoader(), new Class<?>[] {api}, new Calls(api, operations)));
  }

  private final class Calls implements InvocationHandler {
    private final Class<?> api;
    private final Map<Method, RpcContract.Operation> operations;

    Calls(Class<?> api, Map<Method, RpcContract.Operation> operations) {
      this.api = api;
      this.operations = operations;
    }

    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      var given = arguments == null ? new @Nullable Object[0] : arguments;
      if (method.getDeclaringClass() == Object.class) {
        return switch (method.getName()) {
          case "equals" -> isOurs(given[0]);
          case "hashCode" -> hashCode();
          default -> "a client of " + api.getName();
        };
      }
      var operation = operations.get(method);
      return operation == null
          ? InvocationHandler.invokeDefault(proxy, method, given)
          : call(operation, given);
    }

    private boolean isOurs(@Nullable Object other) {
      return other != null
          && Proxy.isProxyClass(other.getClass())
          && Proxy.getInvocationHandler(other).equals(this);
    }
  }

  private @Nullable Object call(RpcContract.Operation operation, @Nullable Object[] arguments) {
    var params = new LinkedHashMap<String, Object>();
    for (int i = 0; i < arguments.length; i++) {
      var argument = arguments[i];
      if (argument != null) {
        params.put(operation.parameters().get(i).name(), argument);
      }
    }
    long id = ids.incrementAndGet();
    var request = new LinkedHashMap<String, Object>();
    request.put("jsonrpc", JsonRpc.VERSION);
    request.put("method", operation.name());
    request.put("params", params);
    request.put("id", id);
    try {
      return result(exchange(request, operation.method()), id, operation.name());
    } catch (IOException e) {
      throw new UncheckedIOException(operation.name(), e);
    }
  }

  private Answer<?> exchange(Map<String, Object> request, Method method) throws IOException {
    var json = transport.exchange(codec.write(request));
    if (codec.read(json, new AnswerOf(resultType(method))) instanceof Answer<?> answer) {
      return answer;
    }
    throw new IOException("the answer is null");
  }

  private static Type resultType(Method method) {
    var type = method.getGenericReturnType();
    if (type == void.class) {
      return Object.class;
    }
    return type instanceof Class<?> plain ? MethodType.methodType(plain).wrap().returnType() : type;
  }

  private static @Nullable Object result(Answer<?> answer, long id, String name)
      throws IOException {
    var error = answer.error();
    if (error != null) {
      throw new RpcException(error.code(), error.message(), error.data());
    }
    // What was not asked for is no answer, whatever it says.
    if (!List.of(JsonRpc.VERSION, Long.toString(id))
        .equals(List.of(String.valueOf(answer.jsonrpc()), String.valueOf(answer.id())))) {
      throw new IOException("the answer is to another request than " + name + " " + id);
    }
    return answer.result();
  }
}
