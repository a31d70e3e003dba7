package dev.sallyport.data.platform;

import org.jspecify.annotations.Nullable;

/**
 * Postgres could not be used: there was no connection, or no answer. What was asked of it may be
 * asked again where {@link #mayHaveCommitted} is false; else look first. Immutable.
 */
public final class StoreFailure extends RuntimeException {
  private final boolean mayHaveCommitted;

  StoreFailure(String message, @Nullable Throwable cause, boolean mayHaveCommitted) {
    super(message, cause);
    this.mayHaveCommitted = mayHaveCommitted;
  }

  /**
   * The store failure behind a failed future, or behind what was thrown on waiting for one. A
   * statement that was refused cannot have committed; what nobody knows may have.
   */
  public static StoreFailure of(Throwable failure) {
    return Failures.of(failure, true) instanceof StoreFailure known
        ? known
        : new StoreFailure("Postgres refused", failure, false);
  }

  /** Whether what was asked may have been committed all the same: its answer did not come. */
  public boolean mayHaveCommitted() {
    return mayHaveCommitted;
  }
}
