package dev.sallyport.model;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The settings below {@code sallyport.} that a worker has, to find the misspelt among the
 * environment's. The configuration library refuses unknown properties and files, but cannot tell
 * what an unknown variable was meant to be. Immutable.
 */
public final class SettingNames {
  private static final String OURS = "SALLYPORT_";

  /** What the launcher {@code ./sallyport} takes; it passes its environment on. */
  private static final Pattern LAUNCHER =
      Pattern.compile("SALLYPORT_(NATIVE|[A-Z_]*(WORKER|POSTGRES|REDIS|KAFKA)[A-Z_]*_PORT)");

  private final List<Pattern> known;

  private SettingNames(List<Pattern> known) {
    this.known = known;
  }

  /**
   * As the settings are written in a file.
   *
   * @param names such as {@code sallyport.trust}; {@code *} stands for one or more words
   */
  public static SettingNames of(String... names) {
    return new SettingNames(List.of(names).stream().map(SettingNames::variable).toList());
  }

  private static Pattern variable(String name) {
    return Pattern.compile(
        name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_").replace("*", "[A-Za-z0-9_]+")
            + "(_\\d+_)?");
  }

  /** How many settings there are. */
  public int size() {
    return known.size();
  }

  /** The variables that begin like ours and are none, sorted. */
  public List<String> unknown(Collection<String> variables) {
    return variables.stream()
        .filter(name -> name.startsWith(OURS))
        .filter(name -> !LAUNCHER.matcher(name).matches())
        .filter(name -> known.stream().noneMatch(one -> one.matcher(name).matches()))
        .sorted()
        .toList();
  }
}
