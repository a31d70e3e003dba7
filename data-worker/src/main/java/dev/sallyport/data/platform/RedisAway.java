package dev.sallyport.data.platform;

/**
 * Redis could not be used: no connection, no answer in time, or an answer that it cannot serve now.
 * What was asked may have been done all the same. Expected, so it has no stack trace. Immutable.
 */
public final class RedisAway extends Exception {
  RedisAway(String message) {
    super(message, null, false, false);
  }
}
