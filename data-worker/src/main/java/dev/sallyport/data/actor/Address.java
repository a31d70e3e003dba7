package dev.sallyport.data.actor;

import java.nio.charset.StandardCharsets;

/** Names one actor. Immutable. */
public record Address(String type, String key) implements Comparable<Address> {
  /** The longest key, in bytes of UTF-8. */
  static final int KEY_BYTES_MAX = 256;

  /** Whether an actor can be called so. */
  public static boolean isKey(String key) {
    return !key.isEmpty()
        && key.indexOf('\0') < 0
        && key.length() <= KEY_BYTES_MAX
        && key.getBytes(StandardCharsets.UTF_8).length <= KEY_BYTES_MAX;
  }

  /** By type, then by key; any total order would do, for rows are locked in it. */
  @Override
  public int compareTo(Address other) {
    int byType = type.compareTo(other.type);
    return byType == 0 ? key.compareTo(other.key) : byType;
  }

  @Override
  public String toString() {
    return type + "/" + key;
  }
}
