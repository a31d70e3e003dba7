package dev.sallyport.data.room;

import java.time.Instant;

/**
 * One message of a log. Immutable.
 *
 * @param data JSON as it came
 */
record Message(long offset, String from, String data, Instant at) {}
