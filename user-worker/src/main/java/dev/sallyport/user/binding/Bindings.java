package dev.sallyport.user.binding;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bindings this worker has, by name. Immutable once started. */
@ApplicationScoped
public class Bindings {
  /** The name under which the data-worker is bound unless a route says otherwise. */
  public static final String BACKEND_SERVICE = "BACKEND_SERVICE";

  private static final int OWNERS_MAX = 10_000;

  private final Map<String, Binding> byName = new TreeMap<>();
  private final @Nullable SigningKeys keys;

  @Inject
  Bindings(
      BindingSettings settings,
      Vertx vertx,
      MeterRegistry metrics,
      InstantSource clock,
      Ticker ticker,
      SecureRandom random,
      TlsConfigurationRegistry tls,
      LiveWorkers workers,
      CallTrail trail,
      Fallbacks fallbacks) {
    this.keys =
        switch (settings.trust()) {
          case NETWORK -> null;
          case SIGNED -> keys(settings);
        };
    var signer = keys == null ? null : new CallSigner(keys, clock);
    var around = new Binding.Surroundings(signer, trail, ticker, random, metrics);
    settings
        .bindings()
        .forEach((name, one) -> {
          BindingChecks.check(name, one);
          var owners =
              name.equals(BACKEND_SERVICE)
                  ? new Owners(name, one.url().getScheme(), workers::has, OWNERS_MAX, metrics)
                  : null;
          var fallback = fallbacks.of(name).orElse(null);
          var connections = new Connections(one, clientOptions(name, one, tls), vertx);
          byName.put(name, new Binding(name, one, owners, fallback, connections, around));
        });
    fallbacks.check(byName.keySet());
  }

  private static SigningKeys keys(BindingSettings settings) {
    var text =
        settings
            .signing()
            .keys()
            .orElseThrow(() ->
                new ConfigurationException(
                    "there is no key to sign calls with: set SALLYPORT_SIGNING_KEYS to the"
                        + " data-worker's (kid:secret), or SALLYPORT_TRUST=network on both"));
    try {
      return SigningKeys.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("SALLYPORT_SIGNING_KEYS: " + e.getMessage());
    }
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
                        new ConfigurationException(
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

  /** The binding of this name, if there is one. */
  public Optional<Binding> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** What calls are signed with; nothing where whoever can connect is trusted. */
  public Optional<SigningKeys> signingKeys() {
    return Optional.ofNullable(keys);
  }

  Collection<Binding> all() {
    return byName.values();
  }
}
