package io.quarkus.hibernate.orm.runtime;

import io.quarkus.runtime.annotations.RegisterForProxy;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.hibernate.SessionFactory;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * Objects that stand for others which are fetched with the first call. Each type has to be
 * registered for binaries; Quarkus overlooks the annotation where a class has two of it.
 */
@RegisterForProxy(targets = Mutiny.SessionFactory.class)
@RegisterForReflection(targets = {SessionFactory.class, Mutiny.SessionFactory.class})
final class StandIn {
  private StandIn() {}

  /** Passes each call on. */
  static <T> T of(Class<T> type, Supplier<T> real) {
    return of(type, (proxy, method, arguments) -> call(real.get(), method, arguments));
  }

  static <T> T of(Class<T> type, InvocationHandler calls) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
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
