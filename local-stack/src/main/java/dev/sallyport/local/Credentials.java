package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The two accounts of a local run, kept in {@code .sallyport/credentials} (mode 600) between runs.
 * Passwords hold only letters, digits, {@code -} and {@code _}. Immutable.
 */
record Credentials(String adminPassword, String demoPassword) {

  static final String ADMIN_EMAIL = "admin@sallyport.local";
  static final String DEMO_EMAIL = "demo@sallyport.local";

  private static final int PASSWORD_BYTES = 18;
  private static final String ADMIN_PASSWORD_KEY = "ADMIN_PASSWORD";
  private static final String DEMO_PASSWORD_KEY = "DEMO_PASSWORD";

  /** Reads the file; makes new passwords for those it does not hold. */
  static Credentials in(Path file) throws IOException {
    Map<String, String> kept = ShellVariables.read(file);
    var credentials =
        new Credentials(
            kept.computeIfAbsent(ADMIN_PASSWORD_KEY, _ -> StackSecrets.random(PASSWORD_BYTES)),
            kept.computeIfAbsent(DEMO_PASSWORD_KEY, _ -> StackSecrets.random(PASSWORD_BYTES)));
    var content = new LinkedHashMap<String, String>();
    content.put("ADMIN_EMAIL", ADMIN_EMAIL);
    content.put(ADMIN_PASSWORD_KEY, credentials.adminPassword());
    content.put("DEMO_EMAIL", DEMO_EMAIL);
    content.put(DEMO_PASSWORD_KEY, credentials.demoPassword());
    ShellVariables.write(file, content);
    return credentials;
  }

  /** What makes the user-worker keep these accounts with these passwords. */
  Map<String, String> environment() {
    return Map.of(
        "SALLYPORT_BOOTSTRAP_ADMIN_EMAIL", ADMIN_EMAIL,
        "SALLYPORT_BOOTSTRAP_ADMIN_PASSWORD", adminPassword,
        "SALLYPORT_BOOTSTRAP_DEMO_EMAIL", DEMO_EMAIL,
        "SALLYPORT_BOOTSTRAP_DEMO_PASSWORD", demoPassword);
  }

  /** The body of a sign-in to the demo account; its characters need no escaping. */
  String demoSignIn() {
    return "{\"email\":\"" + DEMO_EMAIL + "\",\"password\":\"" + demoPassword + "\"}";
  }

  /** Without the passwords: a record's own would print them. */
  @Override
  public String toString() {
    return "Credentials[kept]";
  }
}
