package dev.sallyport.system;

import java.net.URI;

/** Counters that every worker can be asked about; who has one is not the caller's question. */
interface Counters {
  /** Adds 1, once for each {@code idempotencyKey}. */
  Answer addAnywhere(URI worker, String key, String idempotencyKey);

  /** What it is. */
  Answer getAnywhere(URI worker, String key);
}
