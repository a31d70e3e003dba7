package dev.sallyport.system;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one {@link Deployment} and one {@link Gate} for the whole run: parameters of these
 * types are filled in. Each is started when first asked for and stopped after the last test. A test
 * that breaks something puts it right again, or starts a deployment of its own.
 */
final class SharedDeployment implements ParameterResolver {
  private static final Namespace OURS = Namespace.create(SharedDeployment.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    var type = parameter.getParameter().getType();
    return type == Deployment.class || type == Gate.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    var store = context.getRoot().getStore(OURS);
    var deployment = deployment(store);
    return parameter.getParameter().getType() == Gate.class ? gate(store, deployment) : deployment;
  }

  private static Deployment deployment(Store store) {
    var settings = Deployment.Settings.quick("shared");
    return Once.of(store, "deployment", () -> Deployment.start(settings), Deployment::close);
  }

  private static Gate gate(Store store, Deployment deployment) {
    return Once.of(store, "gate", () -> Gate.open(deployment), Gate::close);
  }

  /** What one attempt to start something gave: a start that failed is not tried for every test. */
  private record Once<T>(@Nullable T started, @Nullable RuntimeException failed, Consumer<T> stop)
      implements AutoCloseable {
    @SuppressWarnings("unchecked") // each key has one type, see above
    static <T> T of(Store store, String key, Supplier<T> start, Consumer<T> stop) {
      var once = (Once<T>) store.computeIfAbsent(key, first -> attempt(start, stop), Once.class);
      if (once.started() == null) {
        throw new IllegalStateException("did not start, see the first failure", once.failed());
      }
      return once.started();
    }

    private static <T> Once<T> attempt(Supplier<T> start, Consumer<T> stop) {
      try {
        return new Once<>(start.get(), null, stop);
      } catch (RuntimeException e) {
        return new Once<>(null, e, stop);
      }
    }

    @Override
    public void close() {
      if (started != null) {
        stop.accept(started);
      }
    }
  }
}
