package dev.sallyport.user.limit;

/**
 * How a budget stands after a request.
 *
 * @param admitted whether the request was within it
 * @param remaining further requests that would be admitted now
 * @param nextMicros until one more would be; zero where some remain
 * @param wholeMicros until the whole budget is there again
 */
record Standing(boolean admitted, long remaining, long nextMicros, long wholeMicros) {}
