package dev.sallyport.model.rpc;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an interface of a service promises. Immutable.
 *
 * @param service its name
 * @param operations by name
 */
public record RpcContract(String service, List<Operation> operations) {
  private static final Pattern NAME = Pattern.compile("[a-z][A-Za-z0-9]{0,62}");

  /** The protocol keeps it. */
  private static final String KEPT = "rpc";

  /**
   * One method.
   *
   * @param name as it is called: {@code service.method}
   * @param method of the interface
   */
  public record Operation(String name, Method method, List<Parameter> parameters) {
    public Operation {
      parameters = List.copyOf(parameters);
    }
  }

  /**
   * One parameter.
   *
   * @param type an array's where {@code variadic}
   * @param required whether a call without it is refused
   * @param variadic whether it takes what is left of parameters by position; by name it is an array
   */
  public record Parameter(String name, Type type, boolean required, boolean variadic) {}

  public RpcContract {
    operations = List.copyOf(operations);
  }

  /**
   * Reads an interface.
   *
   * @throws IllegalArgumentException where it is none of a service, and why
   */
  public static RpcContract of(Class<?> api) {
    var service = api.getAnnotation(RpcService.class);
    if (!api.isInterface()
        || !Modifier.isPublic(api.getModifiers())
        || service == null
        || !RpcApi.class.isAssignableFrom(api)) {
      throw new IllegalArgumentException(
          api.getName() + " is no public interface with @RpcService that extends RpcApi");
    }
    if (service.value().equals(KEPT)) {
      throw new IllegalArgumentException(api.getName() + ": the name rpc is taken");
    }
    var name = checked(service.value(), api.getName());
    var operations = new ArrayList<Operation>();
    var seen = new HashSet<String>();
    for (var method : api.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        var operation = operation(name, method);
        if (!seen.add(operation.name())) {
          throw new IllegalArgumentException(api.getName() + " has two " + operation.name());
        }
        operations.add(operation);
      }
    }
    operations.sort(Comparator.comparing(Operation::name));
    return new RpcContract(name, operations);
  }

  private static Operation operation(String service, Method method) {
    var where = method.toString();
    var types = method.getGenericParameterTypes();
    var declared = method.getParameters();
    var parameters = new ArrayList<Parameter>();
    for (int i = 0; i < declared.length; i++) {
      var named = declared[i].getAnnotation(RpcParam.class);
      if (named == null) {
        throw new IllegalArgumentException(where + ": each parameter needs @RpcParam");
      }
      var name = checked(named.value(), where);
      if (parameters.stream().anyMatch(other -> other.name().equals(name))) {
        throw new IllegalArgumentException(where + " has two parameters " + name);
      }
      if (!named.required() && declared[i].getType().isPrimitive()) {
        throw new IllegalArgumentException(where + ": " + name + " cannot be null, so is required");
      }
      boolean variadic = declared[i].isVarArgs();
      parameters.add(new Parameter(name, types[i], named.required() && !variadic, variadic));
    }
    return new Operation(service + "." + checked(method.getName(), where), method, parameters);
  }

  private static String checked(String name, String where) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(where + ": names are like " + NAME + ", not " + name);
    }
    return name;
  }

  /** Every interface of a service that a class implements. */
  public static List<Class<?>> implementedBy(Class<?> type) {
    var found = new ArrayList<Class<?>>();
    for (var level = Optional.<Class<?>>of(type);
        level.isPresent();
        level = Optional.ofNullable(level.get().getSuperclass())) {
      Arrays.stream(level.get().getInterfaces()).forEach(one -> collect(one, found));
    }
    return found;
  }

  private static void collect(Class<?> one, List<Class<?>> found) {
    if (RpcApi.class.isAssignableFrom(one) && one.isAnnotationPresent(RpcService.class)) {
      if (!found.contains(one)) {
        found.add(one);
      }
    } else {
      Arrays.stream(one.getInterfaces()).forEach(above -> collect(above, found));
    }
  }
}
