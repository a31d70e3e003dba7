package io.quarkus.hibernate.orm.runtime;

import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.annotations.RegisterForProxy;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.persistence.EntityManagerFactory;
import java.lang.reflect.InvocationHandler;
import java.util.function.Supplier;
import org.hibernate.SessionFactory;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Starts Hibernate with the first transaction, not before the first answer. Quarkus starts it with
 * the application, in two ways and without a setting for either: it starts every persistence unit,
 * and it asks for every session factory. Here the first does nothing and the second gets a stand-in
 * that fetches the real one when it is used.
 *
 * <p>Where tests run under Quarkus's class loaders {@link #startAll} overrides nothing, because
 * this package is another one there, and Hibernate starts early: slower, and the same otherwise.
 */
@Alternative
@Priority(1)
@Singleton
@Unremovable
@RegisterForProxy(targets = SessionFactory.class)
final class JpaConfigOnFirstUse extends JPAConfig {
  @Inject
  JpaConfigOnFirstUse(HibernateOrmRuntimeConfig config) {
    super(config);
  }

  @Override
  void startAll() {
    // Each unit starts when it is asked for.
  }

  @Override
  public EntityManagerFactory getEntityManagerFactory(String unit, boolean reactive) {
    // The superclass starts a unit once and keeps it.
    Supplier<SessionFactory> started =
        () -> super.getEntityManagerFactory(unit, reactive).unwrap(SessionFactory.class);
    var sessions = StandIn.sessions(() -> started.get().unwrap(Mutiny.SessionFactory.class));
    InvocationHandler calls =
        (proxy, method, arguments) -> {
          var view = method.getName().equals("unwrap") ? arguments[0] : null;
          if (view == SessionFactory.class) {
            return proxy;
          }
          return view == Mutiny.SessionFactory.class
              ? sessions
              : StandIn.call(started.get(), method, arguments);
        };
    return (SessionFactory) StandIn.of(calls, SessionFactory.class);
  }
}
