package dev.sallyport.data.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are to be brought back or removed. Immutable.
 *
 * @param all true for all of them; needed to purge without another filter
 * @param letters as lists call them, at most {@link #NAMES_MAX}
 * @param ids as their senders call them, likewise
 * @param key of the messages
 * @param reason a part of why they died
 * @param before when they died, exclusively; so {@code after}
 * @param limit at most so many
 * @param perSecond how many of them become due each second; null for all at once
 */
public record DeadRequest(
    @Nullable Boolean all,
    @Nullable List<String> letters,
    @Nullable List<String> ids,
    @Nullable String key,
    @Nullable String sender,
    @Nullable String reason,
    @Nullable String before,
    @Nullable String after,
    @Nullable Integer limit,
    @Nullable Double perSecond) {
  static final int NAMES_MAX = 1_000;
  static final int LIMIT_MAX = 1_000_000;

  static final DeadRequest EVERYTHING =
      new DeadRequest(null, null, null, null, null, null, null, null, null, null);

  /** The same, or everything where there is no body; checked in any case. */
  static DeadRequest checked(@Nullable DeadRequest request) {
    if (request == null) {
      return EVERYTHING;
    }
    names("letters", request.letters);
    names("ids", request.ids);
    if (request.letters != null
        && request.ids != null
        && request.letters.size() + request.ids.size() > NAMES_MAX) {
      throw Asked.invalid("ids", "and letters are at most " + NAMES_MAX + " together");
    }
    if (request.limit != null) {
      var _ = Asked.between("limit", request.limit, LIMIT_MAX);
    }
    var rate = request.perSecond;
    if (rate != null
        && !(rate >= DeadLetters.PER_SECOND_MIN && rate <= DeadLetters.PER_SECOND_MAX)) {
      throw Asked.invalid("perSecond", "is a number from 0.01 to 100000");
    }
    var _ = request.filter();
    return request;
  }

  /** Nobody should remove all there is by leaving fields out. */
  DeadRequest forPurge() {
    boolean some =
        letters != null
            || ids != null
            || key != null
            || sender != null
            || reason != null
            || before != null
            || after != null;
    if (!some && !Boolean.TRUE.equals(all)) {
      throw Asked.invalid(
          "all",
          "must be true where letters, ids, key, sender, reason, before and after are not said");
    }
    if (perSecond != null) {
      throw Asked.invalid("perSecond", "is for bringing back only");
    }
    return this;
  }

  private static void names(String field, @Nullable List<String> names) {
    if (names == null) {
      return;
    }
    if (names.isEmpty() || names.size() > NAMES_MAX) {
      throw Asked.invalid(field, "are 1 to " + NAMES_MAX);
    }
    for (@Nullable String name : names) {
      if (name == null) {
        throw Asked.invalid(field, "are strings");
      }
      var _ = Asked.text(field, name);
    }
  }

  long most() {
    return limit == null ? Long.MAX_VALUE : limit;
  }

  /** Without what is named. */
  DeadFilter filter() {
    return new DeadFilter(
        Asked.text("key", key),
        Asked.text("sender", sender),
        Asked.text("reason", reason),
        Asked.moment("before", before),
        Asked.moment("after", after),
        null);
  }
}
