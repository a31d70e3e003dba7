package dev.sallyport.model;

import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Why a worker could not start, in words for whoever runs it. Most such failures are a mistake in
 * the settings, and then one sentence is all there is to say; a failure that nobody foresaw also
 * needs its stack trace. Pure.
 *
 * @param sentence what is wrong and what to set, without a secret
 * @param foreseen whether the sentence is enough
 */
public record StartFailure(String sentence, boolean foreseen) {
  /** What the configuration library puts before its words: a class, its own code, or both. */
  private static final Pattern PREFIX =
      Pattern.compile("^(?:[a-zA-Z_$][\\w$]*(?:\\.[\\w$]+)+: )?(?:SRCFG\\d+: )?");

  private static final Pattern CONVERSION =
      Pattern.compile(
          "(?:The config property )?(\\S+) with the config value \"(.*)\" threw an Exception whilst"
              + " being converted\\s*(.*)");
  private static final Pattern MISSING =
      Pattern.compile("The config property (\\S+) is required but it could not be found.*");
  private static final Pattern EMPTY =
      Pattern.compile("The config property (\\S+) is defined as the empty String.*");
  private static final Pattern UNKNOWN = Pattern.compile("(\\S+) in (.+) does not map to any root");
  private static final Pattern CLASS_NAME = Pattern.compile("(?:enum )?class [\\w.$]+");

  private static final String BAD_ADDRESS = "Cannot parse invalid connection URI";
  private static final String NO_ADDRESS = "deactivated automatically because its URL is not set";
  private static final String LIKE =
      ": set it to where Postgres is, like postgresql://host:5432/sallyport";
  private static final String VALIDATION = "Configuration validation failed:";

  /**
   * Finds the words for a failure.
   *
   * @param worker its name
   * @param mistake the type of exception whose message is a sentence for the operator
   */
  public static StartFailure of(
      String worker, Throwable failure, Class<? extends Throwable> mistake) {
    var before = worker + " cannot start: ";
    for (var cause : chain(failure)) {
      var message = Objects.requireNonNullElse(cause.getMessage(), "");
      if (message.startsWith(VALIDATION)) {
        return new StartFailure(before + settings(message), true);
      }
      if (message.contains(BAD_ADDRESS)) {
        // Not with its words: they repeat the address, which may hold a password.
        return new StartFailure(
            before + "QUARKUS_DATASOURCE_REACTIVE_URL is no address" + LIKE, true);
      }
      if (message.contains(NO_ADDRESS)) {
        return new StartFailure(before + "QUARKUS_DATASOURCE_REACTIVE_URL is not set" + LIKE, true);
      }
      if (cause instanceof BindException) {
        return new StartFailure(before + port(message), true);
      }
      if (mistake.isInstance(cause) && !message.isEmpty()) {
        return new StartFailure(before + message, true);
      }
    }
    var root = chain(failure).getLast();
    var message = Objects.requireNonNullElse(root.getMessage(), root.getClass().getName());
    return new StartFailure(before + message.lines().findFirst().orElse(message), false);
  }

  /** The failure and its causes, outermost first; bounded, since a chain may be a ring. */
  private static List<Throwable> chain(Throwable failure) {
    var chain = new ArrayList<Throwable>();
    for (var next = failure; next != null && chain.size() < 32; next = next.getCause()) {
      chain.add(next);
    }
    return chain;
  }

  private static String port(String message) {
    return "a port is taken ("
        + message
        + "); end the process that has it, or set QUARKUS_HTTP_PORT or QUARKUS_MANAGEMENT_PORT";
  }

  private static String settings(String message) {
    return message
        .substring(VALIDATION.length())
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(StartFailure::setting)
        .collect(Collectors.joining("; "));
  }

  private static String setting(String problem) {
    var plain = PREFIX.matcher(problem).replaceFirst("");
    var conversion = CONVERSION.matcher(plain);
    if (conversion.matches()) {
      var why = PREFIX.matcher(conversion.group(3)).replaceFirst("");
      return conversion.group(1)
          + " ("
          + variable(conversion.group(1))
          + ") cannot be \""
          + conversion.group(2)
          + "\": "
          + CLASS_NAME.matcher(why).replaceAll("this setting");
    }
    var missing = MISSING.matcher(plain);
    if (missing.matches()) {
      return missing.group(1) + " is not set: set " + variable(missing.group(1));
    }
    var empty = EMPTY.matcher(plain);
    if (empty.matches()) {
      return empty.group(1) + " is empty: set " + variable(empty.group(1));
    }
    var unknown = UNKNOWN.matcher(plain);
    return unknown.matches()
        ? unknown.group(1) + " in " + unknown.group(2) + " is no setting: correct or remove it"
        : plain;
  }

  /** How the environment spells a setting. */
  static String variable(String setting) {
    return setting.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
