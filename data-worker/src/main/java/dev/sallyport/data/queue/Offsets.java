package dev.sallyport.data.queue;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Offsets of a partition's log as ranges, each from its first to before its end; ranges that touch
 * are one. Written as Postgres writes an {@code int8multirange}. Not thread-safe.
 */
final class Offsets {
  private static final Pattern RANGE = Pattern.compile("\\[(\\d+),(\\d+)\\)");

  /** End by beginning. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  static Offsets of(Collection<Long> offsets) {
    var all = new Offsets();
    offsets.forEach(offset -> all.add(offset, offset + 1));
    return all;
  }

  /** Reads {@code {[0,7),[9,12)}}. */
  static Offsets parse(String multirange) {
    var all = new Offsets();
    var range = RANGE.matcher(multirange);
    while (range.find()) {
      all.add(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)));
    }
    return all;
  }

  void add(long from, long end) {
    if (from >= end) {
      return;
    }
    long first = from;
    long last = end;
    var before = ranges.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      first = before.getKey();
      last = Math.max(last, before.getValue());
    }
    for (var next = ranges.ceilingEntry(first);
        next != null && next.getKey() <= last;
        next = ranges.ceilingEntry(first)) {
      last = Math.max(last, next.getValue());
      ranges.remove(next.getKey());
    }
    ranges.put(first, last);
  }

  void addAll(Offsets others) {
    others.ranges.forEach(this::add);
  }

  boolean contains(long offset) {
    var range = ranges.floorEntry(offset);
    return range != null && offset < range.getValue();
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** The lowest offset that is not in here. */
  long next() {
    return contains(0) ? ranges.firstEntry().getValue() : 0;
  }

  /** After the highest offset that is in here; 0 when none is. */
  long end() {
    return ranges.isEmpty() ? 0 : ranges.lastEntry().getValue();
  }

  @Override
  public String toString() {
    var text = new StringBuilder("{");
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      if (text.length() > 1) {
        text.append(',');
      }
      text.append('[').append(range.getKey()).append(',').append(range.getValue()).append(')');
    }
    return text.append('}').toString();
  }
}
