package io.quarkus.hibernate.orm.runtime;

import io.quarkus.runtime.annotations.RegisterForProxy;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.hibernate.SessionFactory;
import org.hibernate.reactive.common.spi.Implementor;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * Objects that stand for others which are fetched with the first call. Each type has to be
 * registered for binaries; Quarkus overlooks the annotation where a class has two of it.
 */
@RegisterForProxy(targets = {Mutiny.SessionFactory.class, Implementor.class})
@RegisterForReflection(
    targets = {SessionFactory.class, Mutiny.SessionFactory.class, Implementor.class})
final class StandIn {
  private StandIn() {}

  /** For a factory of sessions as Panache knows it. */
  static Object sessions(Supplier<Mutiny.SessionFactory> real) {
    return of(
        (proxy, method, arguments) -> call(real.get(), method, arguments),
        Mutiny.SessionFactory.class,
        Implementor.class);
  }

  /** An object of these types whose calls are handled so. */
  static Object of(InvocationHandler calls, Class<?>... types) {
    return Proxy.newProxyInstance(types[0].getClassLoader(), types, calls);
  }

  /** Throws what the method itself throws. */
  static @Nullable Object call(Object target, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
