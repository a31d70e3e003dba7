package dev.sallyport.user.binding;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * Where one particular worker is reached. Immutable.
 *
 * @param text as the worker published it
 * @param scheme {@code http} or {@code https}
 * @param host a name or an address; one of IPv6 is in brackets
 */
record WorkerAddress(String text, String scheme, String host, int port) {
  private static final int PORT_MAX = 65_535;

  /** Reads {@code http://host:port} or {@code https://host:port} with nothing behind it. */
  static Optional<WorkerAddress> parse(String text) {
    try {
      var uri = new URI(text).parseServerAuthority();
      return isBase(uri)
          ? Optional.of(new WorkerAddress(text, uri.getScheme(), uri.getHost(), uri.getPort()))
          : Optional.empty();
    } catch (URISyntaxException notEven) {
      return Optional.empty();
    }
  }

  private static boolean isBase(URI uri) {
    return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
        && uri.getHost() != null
        && uri.getUserInfo() == null
        && uri.getPort() > 0
        && uri.getPort() <= PORT_MAX
        && uri.getRawPath().isEmpty()
        && uri.getRawQuery() == null
        && uri.getRawFragment() == null;
  }
}
