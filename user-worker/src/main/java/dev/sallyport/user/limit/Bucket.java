package dev.sallyport.user.limit;

/**
 * One budget of one payer.
 *
 * @param key in Redis
 * @param policy the budget's name, as clients are told it
 */
record Bucket(String key, String policy, Payer.Kind kind, int perMinute) {}
