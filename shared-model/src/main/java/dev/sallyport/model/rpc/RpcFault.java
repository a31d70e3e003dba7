package dev.sallyport.model.rpc;

import org.jspecify.annotations.Nullable;

/**
 * The errors that the protocol and the workers answer with themselves. Services use codes outside
 * of -32768 to -32000, which the protocol keeps.
 */
public enum RpcFault {
  /** What came is not JSON. */
  PARSE_ERROR(-32700, "Parse error"),
  /** JSON, but no request. */
  INVALID_REQUEST(-32600, "Invalid Request"),
  /** There is no such method, or not for this caller. */
  METHOD_NOT_FOUND(-32601, "Method not found"),
  /** The parameters do not fit; {@code data.errors} says which, and why. */
  INVALID_PARAMS(-32602, "Invalid params"),
  /** The method failed; {@code data.requestId} finds the reason in the log. */
  INTERNAL_ERROR(-32603, "Internal error"),
  /** The service refused; {@code data} is the problem that HTTP would have answered. */
  REFUSED(-32000, "Refused"),
  /** No result in time; {@code data.begun} says whether it may have had an effect. */
  TIMED_OUT(-32001, "Timed out"),
  /** The results of the request are more than {@link JsonRpc#RESULT_BYTES_MAX}. */
  RESULT_TOO_LARGE(-32002, "Result too large"),
  /** The worker is busy; nothing was done. */
  OVERLOADED(-32003, "Overloaded");

  private final int code;
  private final String message;

  RpcFault(int code, String message) {
    this.code = code;
    this.message = message;
  }

  public int code() {
    return code;
  }

  public String message() {
    return message;
  }

  /**
   * This fault, to be thrown.
   *
   * @param data more about it, as what JSON is made of; null for none
   */
  public RpcException because(@Nullable Object data) {
    return new RpcException(code, message, data);
  }
}
