package dev.sallyport.user.binding;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** An address at which a test begins and ends its {@link UnsteadyService}; all bounds are low. */
public final class Unsteady implements QuarkusTestResourceLifecycleManager {
  static final String URL = "sallyport.bindings.BACKEND_SERVICE.url";
  static final int CALLS_MAX = 6;

  @Override
  public Map<String, String> start() {
    var binding = "sallyport.bindings.BACKEND_SERVICE.";
    return Map.of(
        URL,
        "http://127.0.0.1:" + freePort(),
        binding + "timeout",
        "PT0.5S",
        binding + "connections-max",
        "2",
        binding + "calls-max",
        Integer.toString(CALLS_MAX),
        binding + "breaker.probe-every",
        "PT0.1S");
  }

  private static int freePort() {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {}
}
