package dev.sallyport.user.binding;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SigningKeys;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
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

  private static final int OWNERS_MAX = 10_000;

  private final Map<String, Binding> byName = new TreeMap<>();

  @Inject
  Bindings(
      BindingSettings settings,
      Vertx vertx,
      MeterRegistry metrics,
      InstantSource clock,
      TlsConfigurationRegistry tls,
      LiveWorkers workers) {
    var signer = signer(settings, clock);
    settings
        .bindings()
        .forEach((name, one) -> {
          checkAddress(name, one.url());
          var owners =
              name.equals(BACKEND_SERVICE)
                  ? new Owners(name, one.url().getScheme(), workers::has, OWNERS_MAX, metrics)
                  : null;
          var options = clientOptions(name, one, tls);
          byName.put(name, new Binding(name, one, signer, owners, options, vertx, metrics));
        });
  }

  private static void checkAddress(String name, URI url) {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null) {
      throw new ConfigurationException(
          "sallyport.bindings."
              + name
              + ".url (SALLYPORT_BINDINGS_"
              + name
              + "_URL) must look like http://host:port");
    }
  }

  private static @Nullable CallSigner signer(BindingSettings settings, InstantSource clock) {
    return switch (settings.trust()) {
      case NETWORK -> null;
      case SIGNED -> new CallSigner(keys(settings), clock);
    };
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

  Collection<Binding> all() {
    return byName.values();
  }
}
