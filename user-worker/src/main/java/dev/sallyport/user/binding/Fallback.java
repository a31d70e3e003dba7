package dev.sallyport.user.binding;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * Answers instead of a private service that cannot: a CDI bean ({@code @ApplicationScoped}) with
 * {@code @Identifier("<name of the binding>")} is all there is to register. One for each binding at
 * the most.
 */
public interface Fallback {
  /**
   * What the client is answered instead of the problem; nothing for the problem. Called on the
   * client's event loop when a call has failed before any answer came, not for upgrades: must not
   * block, and where it throws the problem is answered.
   *
   * @param call whose {@link BindingCall#isIdempotent} tells whether it can be made again
   * @param failure why there is no answer; after {@link BindingFailure#BROKEN} and {@link
   *     BindingFailure#TIMED_OUT} the call may have had its effect all the same
   */
  Optional<Answer> answer(BindingCall call, BindingFailure failure);

  /**
   * What to say.
   *
   * @param status 200 to 599
   * @param contentType of the body
   * @param body at most {@value #BODY_BYTES_MAX} bytes
   */
  record Answer(int status, String contentType, Buffer body) {
    public static final int BODY_BYTES_MAX = 64 * 1024;

    public Answer {
      if (status < 200 || status > 599) {
        throw new IllegalArgumentException("a status is between 200 and 599, not " + status);
      }
      if (contentType.isEmpty() || contentType.chars().anyMatch(c -> c < ' ' || c > '~')) {
        throw new IllegalArgumentException("a content type is printable ASCII");
      }
      if (body.length() > BODY_BYTES_MAX) {
        throw new IllegalArgumentException("a body has at most " + BODY_BYTES_MAX + " bytes");
      }
    }
  }
}
