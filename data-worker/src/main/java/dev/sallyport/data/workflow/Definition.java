package dev.sallyport.data.workflow;

import com.fasterxml.jackson.databind.JavaType;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One version of a workflow as this worker has it. Immutable.
 *
 * @param type how clients call it
 * @param params what its parameters are read into
 * @param result what its output is read into, by a parent
 */
record Definition(
    String type,
    int version,
    Workflow<Object, Object> workflow,
    WorkflowOptions options,
    JavaType params,
    JavaType result) {
  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  /** What a client calls for something else, below the same path. */
  private static final String RESERVED = "bulk";

  Definition {
    if (!TYPE.matcher(type).matches() || type.equals(RESERVED)) {
      throw new IllegalArgumentException(
          "'"
              + type
              + "' is no name for a workflow: use lower-case letters, digits and dashes, at"
              + " most 63, and not '"
              + RESERVED
              + "'");
    }
  }

  /** {@code OrderReport} is {@code order-report}. */
  static String typeOf(Class<?> bean) {
    return bean.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** Whether claims of it must be counted over all workers. */
  boolean isLimited() {
    return options.concurrency().isPresent() || options.startRate().isPresent();
  }

  /**
   * The priority of a run with these parameters.
   *
   * @throws IllegalStateException when the workflow gives none from 0 to 9
   */
  @SuppressWarnings("NullAway") // a workflow whose parameters are Void gets null
  int priority(@Nullable Object given) {
    int priority = workflow.priority(given);
    if (priority < 0 || priority > 9) {
      throw new IllegalStateException(
          "workflow " + type + " gives priority " + priority + "; they go from 0 to 9");
    }
    return priority;
  }
}
