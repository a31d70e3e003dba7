package dev.sallyport.data.cache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the stores keep: a line of plain text, which scripts read too, and the JSON of the value.
 * Immutable; the array is nobody else's to change.
 *
 * @param age how old the value was when it was stored
 * @param keep how long the store was told to keep it
 * @param fresh until which age it is fresh
 * @param absent whether it says that there is nothing
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below, and never written to
record Entry(Duration age, Duration keep, Duration fresh, boolean absent, byte[] json) {
  private static final int HEAD_MAX = 80;
  private static final Pattern HEAD =
      Pattern.compile("1 (\\d{1,15}) (\\d{1,15}) (\\d{1,15}) ([VA])");

  byte[] bytes() {
    var head =
        "1 "
            + age.toMillis()
            + ' '
            + keep.toMillis()
            + ' '
            + fresh.toMillis()
            + (absent ? " A\n" : " V\n");
    var first = head.getBytes(StandardCharsets.US_ASCII);
    var all = Arrays.copyOf(first, first.length + json.length);
    System.arraycopy(json, 0, all, first.length, json.length);
    return all;
  }

  /** What was stored, unless it is something else. */
  static Optional<Entry> of(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && end < HEAD_MAX && bytes[end] != '\n') {
      end++;
    }
    var head = HEAD.matcher(new String(bytes, 0, end, StandardCharsets.ISO_8859_1));
    if (end >= bytes.length || !head.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            millis(head.group(1)),
            millis(head.group(2)),
            millis(head.group(3)),
            "A".equals(head.group(4)),
            Arrays.copyOfRange(bytes, end + 1, bytes.length)));
  }

  private static Duration millis(String digits) {
    return Duration.ofMillis(Long.parseLong(digits));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry entry && Arrays.equals(bytes(), entry.bytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes());
  }
}
