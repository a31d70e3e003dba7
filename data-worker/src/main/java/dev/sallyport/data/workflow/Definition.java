package dev.sallyport.data.workflow;

import com.fasterxml.jackson.databind.JavaType;
import java.util.Locale;
import java.util.regex.Pattern;

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
}
