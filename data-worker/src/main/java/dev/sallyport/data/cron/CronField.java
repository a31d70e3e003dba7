package dev.sallyport.data.cron;

import java.util.Locale;

/**
 * Which values one field of an expression admits. Immutable.
 *
 * @param bits bit {@code n} is set when {@code n} is admitted
 * @param star whether it was written with {@code *} first, as in {@code *} and in {@code *}{@code
 *     /5}
 */
record CronField(long bits, boolean star) {
  /** The fields in the order in which they are written, seconds first. */
  enum Kind {
    SECOND("second", 0, 59, ""),
    MINUTE("minute", 0, 59, ""),
    HOUR("hour", 0, 23, ""),
    DAY("day of the month", 1, 31, ""),
    MONTH("month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
    /** 7 is Sunday, as 0 is. */
    WEEKDAY("day of the week", 0, 7, "SUN MON TUE WED THU FRI SAT");

    private final String title;
    private final int first;
    private final int last;
    private final String names;

    Kind(String title, int first, int last, String names) {
      this.title = title;
      this.first = first;
      this.last = last;
      this.names = names;
    }
  }

  /**
   * Reads {@code *}, {@code 5}, {@code 1-5}, {@code *}{@code /15}, {@code 8-18/2}, names, and lists
   * of these.
   *
   * @throws IllegalArgumentException saying what is wrong, for a client
   */
  static CronField parse(Kind kind, String text) {
    long bits = 0;
    for (var part : text.split(",", -1)) {
      bits |= part(kind, part);
    }
    if (kind == Kind.WEEKDAY && (bits & 1L << 7) != 0) {
      bits = (bits & ~(1L << 7)) | 1;
    }
    return new CronField(bits, text.startsWith("*"));
  }

  private static long part(Kind kind, String part) {
    int slash = part.indexOf('/');
    var range = slash < 0 ? part : part.substring(0, slash);
    int dash = range.indexOf('-');
    int from;
    int to;
    if (range.equals("*")) {
      from = kind.first;
      to = kind == Kind.WEEKDAY ? 6 : kind.last;
    } else if (dash > 0) {
      from = value(kind, range.substring(0, dash));
      to = value(kind, range.substring(dash + 1));
      if (from > to) {
        throw wrong(kind, "the range '" + range + "' begins after its end");
      }
    } else {
      from = value(kind, range);
      to = from;
      if (slash >= 0) {
        throw wrong(kind, "a step follows * or a range, as in */5 or 0-30/5, not '" + part + "'");
      }
    }
    int step = slash < 0 ? 1 : step(kind, part.substring(slash + 1));
    long bits = 0;
    for (int value = from; value <= to; value += step) {
      bits |= 1L << value;
    }
    return bits;
  }

  private static int step(Kind kind, String text) {
    int step = number(text);
    if (step < 1 || step > kind.last) {
      throw wrong(kind, "a step is a number from 1 to " + kind.last + ", not '" + text + "'");
    }
    return step;
  }

  private static int value(Kind kind, String text) {
    int named = text.length() == 3 ? kind.names.indexOf(text.toUpperCase(Locale.ROOT)) : -1;
    if (named >= 0 && named % 4 == 0) {
      return named / 4 + kind.first;
    }
    int value = number(text);
    if (value < kind.first || value > kind.last) {
      throw wrong(kind, "'" + text + "' is not between " + kind.first + " and " + kind.last);
    }
    return value;
  }

  /** At most two digits; -1 for anything else. */
  private static int number(String text) {
    boolean right =
        !text.isEmpty() && text.length() <= 2 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return right ? Integer.parseInt(text) : -1;
  }

  private static IllegalArgumentException wrong(Kind kind, String why) {
    return new IllegalArgumentException(kind.title + ": " + why);
  }

  boolean admits(int value) {
    return (bits & 1L << value) != 0;
  }

  /** The first admitted value from this one on; -1 when there is none. */
  int from(int value) {
    long left = value > 63 ? 0 : bits & (-1L << value);
    return left == 0 ? -1 : Long.numberOfTrailingZeros(left);
  }

  /** The first of all. */
  int first() {
    return Long.numberOfTrailingZeros(bits);
  }
}
