package dev.sallyport.data.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Values of one type as entries, and back. Immutable, thread-safe. */
final class Values<V> {
  private static final byte[] NOTHING = {};

  private final Class<V> type;
  private final ObjectMapper mapper;
  private final CacheOptions options;

  Values(Class<V> type, ObjectMapper mapper, CacheOptions options) {
    this.type = type;
    this.mapper = mapper;
    this.options = options;
  }

  /**
   * What to store.
   *
   * @throws IllegalArgumentException where the value is none that JSON can hold
   */
  Entry entry(Optional<V> value) {
    if (value.isEmpty()) {
      return new Entry(Duration.ZERO, options.absentFor(), options.absentFor(), true, NOTHING);
    }
    try {
      var keep = shorter(CacheOptions.HOT_MAX, options.keepFor());
      var json = mapper.writeValueAsBytes(value.get());
      return new Entry(Duration.ZERO, keep, options.freshFor(), false, json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be kept as JSON: " + type.getName(), e);
    }
  }

  /** The same value as the hot tier keeps it, having got it at this age; empty if not at all. */
  Optional<Entry> promoted(Aged aged) {
    var left = options.keepFor().minus(aged.age());
    if (left.toMillis() <= 0) {
      return Optional.empty();
    }
    var keep = shorter(CacheOptions.HOT_MAX, left);
    return Optional.of(
        new Entry(aged.age(), keep, aged.entry().fresh(), false, aged.entry().json()));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  boolean isTooLarge(Entry entry) {
    return entry.json().length > options.bytesMax();
  }

  /**
   * The value of an entry, or nothing for one that says so.
   *
   * @throws IOException where it is not of this type: of another release, or not ours
   */
  Optional<V> value(Entry entry) throws IOException {
    return entry.absent() ? Optional.empty() : Optional.of(mapper.readValue(entry.json(), type));
  }
}
