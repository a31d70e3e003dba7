package dev.sallyport.data.platform;

/** Measures intervals: nanoseconds from an arbitrary start that never go back. Thread-safe. */
@FunctionalInterface
public interface Ticker {
  long nanos();
}
