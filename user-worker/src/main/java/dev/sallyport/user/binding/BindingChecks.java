package dev.sallyport.user.binding;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the settings of a binding have to fulfil. Pure. */
final class BindingChecks {
  /** It is a label of metrics, and a part of the signature and of variables' names. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");

  private static final Pattern ENTRYPOINT =
      Pattern.compile("(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+");
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int MANY = 1_000_000;
  private static final int RETRIES_MAX = 5;

  private BindingChecks() {}

  /**
   * Checks them all.
   *
   * @throws ConfigurationException one sentence about the first that is wrong
   */
  static void check(String name, BindingSettings.One one) {
    if (!NAME.matcher(name).matches()) {
      throw new ConfigurationException(
          "sallyport.bindings."
              + name
              + ": the name of a binding is 1 to 63 letters, digits, _ and -, a letter first");
    }
    checkAddress(name, one.url());
    checkEntrypoint(name, one.entrypoint().orElse(null));
    within(name, "timeout", one.timeout());
    within(name, "connect-timeout", one.connectTimeout());
    within(name, "silence", one.silence());
    between(name, "connections-max", one.connectionsMax(), 1, MANY);
    between(name, "streams-max", one.streamsMax(), 1, MANY);
    between(name, "waiting-max", one.waitingMax(), 0, MANY);
    between(name, "tunnels-max", one.tunnelsMax(), 1, MANY);
    between(name, "calls-max", one.callsMax(), 1, MANY);
    between(name, "retries", one.retries(), 0, RETRIES_MAX);
    between(name, "retry-percent", one.retryPercent(), 0, 100);
    if (!ENTRYPOINT.matcher(one.healthPath()).matches()) {
      throw wrong(name, "health-path", "must be a path of plain segments such as /ping");
    }
    try {
      BreakerRules.of(one.breaker());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("sallyport.bindings." + name + "." + e.getMessage());
    }
  }

  private static void checkAddress(String name, URI url) {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null) {
      throw wrong(
          name, "url", "(SALLYPORT_BINDINGS_" + name + "_URL) must look like http://host:port");
    }
  }

  private static void checkEntrypoint(String name, @Nullable String entrypoint) {
    if (entrypoint != null && !ENTRYPOINT.matcher(entrypoint).matches()) {
      throw wrong(
          name,
          "entrypoint",
          "must be a path of plain segments such as /site, no slash at the end");
    }
  }

  private static void within(String name, String setting, Duration value) {
    if (value.toMillis() < 1 || value.compareTo(LONGEST) > 0) {
      throw wrong(name, setting, "must be between a millisecond and " + LONGEST);
    }
  }

  private static void between(String name, String setting, int value, int min, int max) {
    if (value < min || value > max) {
      throw wrong(name, setting, "must be between " + min + " and " + max + ", and is " + value);
    }
  }

  private static ConfigurationException wrong(String name, String setting, String what) {
    return new ConfigurationException("sallyport.bindings." + name + "." + setting + " " + what);
  }
}
