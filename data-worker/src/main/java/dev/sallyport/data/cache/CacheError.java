package dev.sallyport.data.cache;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Why a cache could not do what it was asked. Immutable. */
public final class CacheError extends RuntimeException {
  /** What kind of trouble. */
  public enum Code {
    /** The loader threw a checked exception, the cause. */
    LOAD_FAILED,
    /** The loader took longer than it may. */
    LOAD_TIMED_OUT,
    /** Too many loads at once in this worker: try again. */
    BUSY,
    /** A store did not confirm that a value is gone or replaced: do it again. */
    UNCONFIRMED
  }

  private final Code code;

  private CacheError(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  static CacheError loadFailed(String cache, ExecutionException failure) {
    return new CacheError(
        Code.LOAD_FAILED, "the loader of cache " + cache + " failed", failure.getCause());
  }

  static CacheError loadTimedOut(String cache, long millis) {
    return new CacheError(
        Code.LOAD_TIMED_OUT,
        "the loader of cache " + cache + " took longer than " + millis + " ms (loadWithin)",
        null);
  }

  static CacheError busy(String cache, int max) {
    return new CacheError(
        Code.BUSY,
        "cache " + cache + " loads nothing more, " + max + " loads are under way; try again",
        null);
  }

  static CacheError interrupted(String cache) {
    return new CacheError(Code.BUSY, "interrupted while cache " + cache + " was loading", null);
  }

  static CacheError unconfirmed(String cache, String store) {
    return new CacheError(
        Code.UNCONFIRMED,
        "cache " + cache + ": " + store + " did not confirm the change; make it again",
        null);
  }

  public Code code() {
    return code;
  }
}
