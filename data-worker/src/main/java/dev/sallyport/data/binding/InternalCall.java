package dev.sallyport.data.binding;

import io.smallrye.common.vertx.ContextLocals;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call that the gate let in. Immutable.
 *
 * @param requestId the same in both workers' logs and answers
 * @param timeLeft how long the user-worker was prepared to wait when it sent this; null when it did
 *     not say
 */
public record InternalCall(Caller caller, String requestId, @Nullable Duration timeLeft) {
  private static final String KEY = InternalCall.class.getName();

  /** On a thread that a service began itself to serve the call. */
  private static final ScopedValue<InternalCall> CARRIED = ScopedValue.newInstance();

  /**
   * The call that is being served here: on the event loop, worker thread or virtual thread that
   * Quarkus or Vert.x runs a request's code on, or within {@link #carry}. What outlives the
   * request, such as a socket, takes it along in a field.
   *
   * @throws IllegalStateException outside a call
   */
  public static InternalCall current() {
    return find().orElseThrow(() -> new IllegalStateException("not inside a call"));
  }

  static Optional<InternalCall> find() {
    return CARRIED.isBound() ? Optional.of(CARRIED.get()) : ContextLocals.get(KEY);
  }

  /** Runs something on this thread for which this is the current call; for threads of one's own. */
  public void carry(Runnable work) {
    ScopedValue.where(CARRIED, this).run(work);
  }

  /** Makes this the current call of the Vert.x context that serves the request. */
  void enter() {
    ContextLocals.put(KEY, this);
  }
}
