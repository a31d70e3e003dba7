package dev.sallyport.data.kv;

import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.SharedEntry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;

/**
 * Shared values by space and key. Thread-safe; blocks.
 *
 * <p>A space is named by lower case letters, digits and dashes, 63 at the most; a key has 1 to
 * {@value #KEY_BYTES_MAX} bytes of UTF-8, a value up to {@value #VALUE_BYTES_MAX}.
 */
@Singleton
public class Kv {
  public static final int KEY_BYTES_MAX = SharedEntry.KEY_BYTES_MAX;
  public static final int VALUE_BYTES_MAX = 64 * 1024;

  private final KvSql sql;

  @Inject
  Kv(KvSql sql) {
    this.sql = sql;
  }

  /**
   * Sets a value if the transaction commits; user-workers see it moments later.
   *
   * @return its version
   * @throws IllegalArgumentException when a name or a length is out of its bounds
   */
  public long put(Tx tx, String space, String key, String value) {
    check(space, key);
    if (value.getBytes(StandardCharsets.UTF_8).length > VALUE_BYTES_MAX
        || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a value has at most " + VALUE_BYTES_MAX + " bytes of UTF-8, none of them U+0000");
    }
    return sql.write(tx, space, key, value);
  }

  /** Deletes a value likewise, whether there is one or not. */
  public long delete(Tx tx, String space, String key) {
    check(space, key);
    return sql.write(tx, space, key, null);
  }

  /** What is committed. */
  public Shared get(String space, String key) {
    check(space, key);
    return sql.read(space, key);
  }

  private static void check(String space, String key) {
    if (!SharedEntry.isName(space, key)) {
      throw new IllegalArgumentException(
          "a space is named by 1 to 63 lower case letters, digits and dashes, a key has 1 to "
              + KEY_BYTES_MAX
              + " bytes of UTF-8, none of them U+0000");
    }
  }
}
