package dev.sallyport.data.room;

/** Why this side ends a socket, with the code that says so. */
enum Closing {
  /** RFC 6455: a kind of data that is not understood here. */
  BINARY(1003, "text frames only"),
  /** RFC 6455: a message that is too large. */
  TOO_LARGE(1009, "messages of up to 64 KiB only"),
  /** RFC 6455: nobody expected it. */
  FAILED(1011, "the room failed"),
  /** As the IANA registry of close codes has it, a restart of the service. */
  MOVED(1012, "the room moved: connect again and resume"),
  FORBIDDEN(4003, "this room is not open to you"),
  TOO_SLOW(4008, "too slow: connect again and resume"),
  TOO_MANY(4029, "too many frames");

  private final short code;
  private final String reason;

  Closing(int code, String reason) {
    this.code = (short) code;
    this.reason = reason;
  }

  short code() {
    return code;
  }

  String reason() {
    return reason;
  }
}
