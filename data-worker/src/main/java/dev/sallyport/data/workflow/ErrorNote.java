package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure as it is kept and shown: no stack trace, SQL, host or token.
 *
 * @param message at most {@link #MESSAGE_CHARS_MAX} characters
 * @param step the key of the entry it is about
 * @param retryable whether {@code retry} may help without changed code
 */
record ErrorNote(
    WorkflowError.Code code, String message, @Nullable String step, boolean retryable) {
  static final int MESSAGE_CHARS_MAX = 1000;

  ErrorNote {
    message =
        message.length() > MESSAGE_CHARS_MAX ? message.substring(0, MESSAGE_CHARS_MAX) : message;
    message = message.replace('\0', ' ');
  }

  /** This one, and what failed when it was made good. */
  ErrorNote and(ErrorNote another) {
    return new ErrorNote(code, message + "; then " + another.message(), step, retryable);
  }

  /** What to show of an exception that application code threw. */
  static String describe(Throwable failure) {
    var name = failure.getClass().getSimpleName();
    var message = failure.getMessage();
    return message == null || speaksOfTheInside(failure) ? name : name + ": " + message;
  }

  /** Messages of these tell addresses and statements. */
  private static boolean speaksOfTheInside(Throwable failure) {
    return failure instanceof IOException
        || failure instanceof StoreFailure
        || failure instanceof StatementRefused;
  }
}
