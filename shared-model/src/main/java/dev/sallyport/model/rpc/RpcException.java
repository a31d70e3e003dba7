package dev.sallyport.model.rpc;

import org.jspecify.annotations.Nullable;

/**
 * A call that is answered with an error. A service throws it, and its caller gets the same: it is
 * an answer rather than a failure, so it has no stack trace of the service and nobody logs it
 * there.
 */
public final class RpcException extends RuntimeException {
  private final transient RpcError error;

  /**
   * An error of a service's own.
   *
   * @param code outside of -32768 to -32000
   * @param message one short sentence, for whoever calls
   * @param data what JSON is made of; null for none
   */
  public RpcException(int code, String message, @Nullable Object data) {
    super(message, null, false, false);
    this.error = new RpcError(code, message, data);
  }

  /** What the answer says. */
  public RpcError error() {
    return error;
  }

  public int code() {
    return error.code();
  }
}
