package dev.sallyport.user.limit;

/**
 * A bucket of the generic cell rate algorithm, as a leaking bucket: each request is owed, and what
 * is owed is paid off evenly. A whole minute's budget may be used at once; one more request is due
 * a minute's budget-th of a minute later. In whole numbers, so that nothing is rounded: a request
 * costs 60,000,000 units, and each microsecond pays off as many units as the budget has requests.
 * The largest number is 3.6e15, which the doubles of Redis's Lua hold exactly. Pure, immutable.
 *
 * @param atMicros when {@code owed} was owed
 * @param owed units
 */
record Gcra(long atMicros, long owed) {
  static final int PER_MINUTE_MAX = 60_000_000;

  /** The microseconds of a minute, which makes a minute's budget cost one minute. */
  private static final long COST = 60_000_000;

  /** One that owes nothing. */
  static final Gcra WHOLE = new Gcra(0, 0);

  /** The bucket after a request, and how it stands. */
  record Step(Gcra bucket, Standing standing) {}

  /**
   * What becomes of a request.
   *
   * @param perMinute 1 to {@link #PER_MINUTE_MAX}
   * @param nowMicros by any one clock; where it goes back, nothing is paid off
   * @param take whether to charge it; otherwise this only says whether it would be admitted
   */
  Step on(int perMinute, long nowMicros, boolean take) {
    long passed = Math.clamp(nowMicros - atMicros, 0, COST);
    long left = Math.max(0, owed - passed * perMinute);
    long room = perMinute * COST;
    boolean admitted = left + COST <= room;
    long owes = admitted && take ? left + COST : left;
    return new Step(
        admitted && take ? new Gcra(nowMicros, owes) : this,
        new Standing(
            admitted,
            Math.max(0, room - owes) / COST,
            Math.ceilDiv(Math.max(0, owes + COST - room), perMinute),
            Math.ceilDiv(owes, perMinute)));
  }
}
