package dev.sallyport.data.actor;

/**
 * Another worker is the one that may answer. Thrown before anything was done; an answer rather than
 * a failure, so it has no stack trace. Immutable.
 */
public final class Misdirected extends RuntimeException {
  private final String owner;

  /**
   * @param owner where that one is reached
   */
  Misdirected(String owner) {
    super("another worker answers this", null, false, false);
    this.owner = owner;
  }

  /** Where that worker is reached; goes into the header {@code X-Sallyport-Owner}. */
  public String owner() {
    return owner;
  }
}
