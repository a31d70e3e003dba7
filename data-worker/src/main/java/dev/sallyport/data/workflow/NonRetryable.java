package dev.sallyport.data.workflow;

/** Thrown by a step whose next attempt would fail as well: the step fails at once. */
public class NonRetryable extends RuntimeException {
  public NonRetryable(String message) {
    super(message);
  }

  public NonRetryable(String message, Throwable cause) {
    super(message, cause);
  }
}
