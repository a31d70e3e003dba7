package dev.sallyport.data.platform;

/**
 * Kafka could not be used: it did not answer, or refused. What was asked of it may have been done
 * all the same. Immutable.
 */
public final class BrokerFailure extends RuntimeException {
  private BrokerFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /** The failure behind what the client threw. */
  public static BrokerFailure of(RuntimeException failure) {
    return new BrokerFailure(
        failure.getClass().getSimpleName() + ": " + failure.getMessage(), failure);
  }

  /** There was no answer. */
  public static BrokerFailure silent(Throwable cause) {
    return new BrokerFailure("Kafka does not answer", cause);
  }
}
