package dev.sallyport.user.binding;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SigningKeys;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bindings this worker has, by name. Immutable once started. */
@ApplicationScoped
public class Bindings {
  /** The name under which the data-worker is bound unless a route says otherwise. */
  public static final String BACKEND_SERVICE = "BACKEND_SERVICE";

  private final Map<String, Binding> byName = new TreeMap<>();

  @Inject
  Bindings(
      BindingSettings settings,
      Vertx vertx,
      MeterRegistry metrics,
      InstantSource clock,
      TlsConfigurationRegistry tls) {
    var signer = signer(settings, clock);
    settings
        .bindings()
        .forEach((name, one) ->
            byName.put(
                name,
                new Binding(name, one, signer, clientOptions(name, one, tls), vertx, metrics)));
  }

  private static @Nullable CallSigner signer(BindingSettings settings, InstantSource clock) {
    return switch (settings.trust()) {
      case NETWORK -> null;
      case SIGNED ->
          new CallSigner(
              SigningKeys.parse(
                  settings
                      .signing()
                      .keys()
                      .orElseThrow(() ->
                          new IllegalArgumentException(
                              "sallyport.signing.keys is not set: give both workers the same"
                                  + " kid:secret, or set sallyport.trust=network"))),
              clock);
    };
  }

  private static HttpClientOptions clientOptions(
      String name, BindingSettings.One one, TlsConfigurationRegistry tls) {
    var options = new HttpClientOptions();
    one.tls()
        .ifPresent(configuration ->
            TlsConfigUtils.configure(
                options,
                tls.get(configuration)
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "sallyport.bindings."
                                + name
                                + ".tls names the TLS configuration "
                                + configuration
                                + ", but there is no quarkus.tls."
                                + configuration))));
    return options;
  }

  /** The data-worker. */
  public Binding backend() {
    var backend = byName.get(BACKEND_SERVICE);
    if (backend == null) {
      throw new IllegalStateException("sallyport.bindings." + BACKEND_SERVICE + ".url is not set");
    }
    return backend;
  }

  Collection<Binding> all() {
    return byName.values();
  }
}
