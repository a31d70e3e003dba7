package dev.sallyport.data.platform;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Where user-workers reach this very worker: what another one tells them when only this one may
 * answer. Immutable.
 */
@Singleton
public final class WorkerAddress {
  private static final Logger LOG = Logger.getLogger(WorkerAddress.class);
  private static final int PORT_MAX = 65_535;

  private final Optional<URI> value;
  private final WorkerId id;

  /**
   * @throws ConfigurationException which ends the start with its sentence alone, no stack trace
   */
  @Inject
  WorkerAddress(WorkerSettings settings, WorkerId id) {
    this.value = settings.address().map(WorkerAddress::checked);
    this.id = id;
  }

  /**
   * {@code http://host:port} or {@code https://host:port} and nothing behind it; absent if unset.
   */
  public Optional<URI> value() {
    return value;
  }

  /** Before all others: with a wrong address nothing else should have begun. */
  void onStart(@Observes @Priority(1) StartupEvent start) {
    LOG.infof(
        "This is data-worker %s, %s.",
        id.value(), value.map(it -> "reached at " + it).orElse("without an address of its own"));
  }

  private static URI checked(String text) {
    try {
      var address = new URI(text).parseServerAuthority();
      if (isBase(address)) {
        return address;
      }
    } catch (URISyntaxException notEven) {
      // The sentence below says all that this one could.
    }
    throw new ConfigurationException(
        "SALLYPORT_WORKER_ADDRESS must be http://host:port or https://host:port, such as"
            + " http://10.1.2.3:8080 or http://[fd00::1]:8080, not '"
            + text
            + "'.");
  }

  private static boolean isBase(URI address) {
    return ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
        && address.getHost() != null
        && address.getUserInfo() == null
        && address.getPort() > 0
        && address.getPort() <= PORT_MAX
        && address.getRawPath().isEmpty()
        && address.getRawQuery() == null
        && address.getRawFragment() == null;
  }
}
