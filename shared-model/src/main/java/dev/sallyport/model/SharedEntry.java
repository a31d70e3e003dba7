package dev.sallyport.model;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a shared value stands in Redis, where the data-worker writes and user-workers read: its
 * version, a blank, and {@code V} with the value or {@code T} for none. Immutable.
 *
 * @param version 0 where there never was a value
 * @param value null where there is none
 */
public record SharedEntry(long version, @Nullable String value) {
  /** Bytes of a key in UTF-8. */
  public static final int KEY_BYTES_MAX = 256;

  private static final Pattern SPACE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern FORM = Pattern.compile("(\\d{1,18}) ([VT])(.*)", Pattern.DOTALL);

  /** Who calls when a user-worker asks for itself; no account has such an id. */
  public static final String CALLER = "system:user-worker";

  /** The path of the data-worker that knows, less the space. */
  public static final String PATH = "/api/internal/kv/";

  /** Whether there can be a value of these names. */
  public static boolean isName(String space, String key) {
    int bytes = key.getBytes(StandardCharsets.UTF_8).length;
    return SPACE.matcher(space).matches()
        && bytes > 0
        && bytes <= KEY_BYTES_MAX
        && key.indexOf('\0') < 0;
  }

  /** What is stored for a value, or for there being none. */
  public static String text(long version, @Nullable String value) {
    return version + (value == null ? " T" : " V" + value);
  }

  /** What was stored, unless it is something else. */
  public static Optional<SharedEntry> parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    long version = Long.parseLong(form.group(1));
    return Optional.of(new SharedEntry(version, "V".equals(form.group(2)) ? form.group(3) : null));
  }

  /** Where the entry is. The braces keep it beside its version in a cluster. */
  public static String redisKey(String space, String key) {
    return "sallyport:kv:{" + space + ':' + key + "}:entry";
  }

  /** Where the highest version is that was stored. */
  public static String redisVersionKey(String space, String key) {
    return "sallyport:kv:{" + space + ':' + key + "}:version";
  }
}
