package dev.sallyport.user.queue;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.ProblemException;
import java.time.Duration;
import java.util.List;

/** Why something was not sent. */
final class SendError {
  private static final Duration SOON = Duration.ofSeconds(1);

  private SendError() {}

  static ProblemException noSuchQueue() {
    return new ProblemException(ProblemType.NOT_FOUND, "There is no such queue for you.");
  }

  static ProblemException queuesUnknown() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.STORE_DOWN, "Which queues there are cannot be read now.", SOON));
  }

  static ProblemException notJson() {
    return new ProblemException(ProblemType.BAD_JSON, "The body is not JSON.");
  }

  static ProblemException invalid(List<FieldError> errors) {
    return new ProblemException(Problem.invalid(errors));
  }

  /** The id was used with something else; {@code field} says where. */
  static ProblemException idWithOtherContent(String field) {
    return invalid(
        List.of(new FieldError(field, "was sent before with another body, key or delay")));
  }

  static ProblemException bodyTooLarge(String field) {
    return new ProblemException(
        ProblemType.TOO_LARGE,
        field + " may have at most " + QueuedMessage.BODY_BYTES_MAX + " bytes.");
  }

  static ProblemException batchTooLarge() {
    return new ProblemException(
        ProblemType.TOO_LARGE,
        "A batch has at most "
            + QueuedMessage.BATCH_MAX
            + " messages, whose bodies together have at most "
            + QueuedMessage.BATCH_BYTES_MAX
            + " bytes.");
  }

  /** Kafka gave no acknowledgement; the message may yet arrive. */
  static ProblemException notAcknowledged() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.STORE_DOWN,
            "Not acknowledged in time, but it may yet arrive. Sent again with the id that is here,"
                + " it will be handled once.",
            SOON));
  }

  /** Too many bytes wait for Kafka already. */
  static ProblemException tooMuchInFlight() {
    return new ProblemException(
        Problem.retryable(ProblemType.OVERLOADED, "Too much waits to be sent already.", SOON));
  }
}
