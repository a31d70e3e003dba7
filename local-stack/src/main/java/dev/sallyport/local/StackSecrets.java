package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/**
 * What a data folder's servers and workers share and nobody else knows: made once, kept in the file
 * {@code secrets} (mode 600). Immutable.
 *
 * @param postgresPassword of the superuser
 * @param signingKeys as {@code SALLYPORT_SIGNING_KEYS} wants them
 * @param keyEncryptionKey base64url of 32 bytes
 */
record StackSecrets(
    String postgresPassword,
    String userWorkerPassword,
    String dataWorkerPassword,
    String signingKeys,
    String keyEncryptionKey) {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEY_BYTES = 32;

  private static final String POSTGRES = "POSTGRES_PASSWORD";
  private static final String USER_WORKER = "USER_WORKER_PASSWORD";
  private static final String DATA_WORKER = "DATA_WORKER_PASSWORD";
  private static final String SIGNING = "SIGNING_KEYS";
  private static final String ENCRYPTION = "KEY_ENCRYPTION_KEY";

  /** Reads them, and makes and keeps those that are missing. */
  static StackSecrets in(Path directory) throws IOException {
    Path file = directory.resolve("secrets");
    Map<String, String> kept = ShellVariables.read(file);
    int before = kept.size();
    var secrets =
        new StackSecrets(
            kept.computeIfAbsent(POSTGRES, _ -> random(KEY_BYTES)),
            kept.computeIfAbsent(USER_WORKER, _ -> random(KEY_BYTES)),
            kept.computeIfAbsent(DATA_WORKER, _ -> random(KEY_BYTES)),
            kept.computeIfAbsent(SIGNING, _ -> "local-1:" + random(KEY_BYTES)),
            kept.computeIfAbsent(ENCRYPTION, _ -> random(KEY_BYTES)));
    if (kept.size() != before) {
      ShellVariables.write(file, kept);
    }
    return secrets;
  }

  /** So many random bytes as base64url without padding: safe in URLs, shells and JSON. */
  static String random(int bytes) {
    byte[] secret = new byte[bytes];
    RANDOM.nextBytes(secret);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** Without the secrets: a record's own would print them. */
  @Override
  public String toString() {
    return "StackSecrets[kept]";
  }
}
