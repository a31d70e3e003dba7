package dev.sallyport.model;

import java.util.Locale;

/**
 * Every kind of problem a client can meet, with its HTTP status and title. The {@code type} on the
 * wire is {@code urn:sallyport:problem:} and the constant's name in lower case with dashes.
 */
public enum ProblemType {
  BAD_REQUEST(400, "The request is not well-formed"),
  BAD_JSON(400, "The body is not JSON"),
  UNAUTHENTICATED(401, "A valid credential is needed"),
  WRONG_CREDENTIALS(401, "Unknown email or wrong password"),
  BAD_SIGNATURE(401, "The call is not signed by the user-worker"),
  CLOCK_SKEW(401, "The two workers' clocks are too far apart"),
  FORBIDDEN(403, "Not allowed"),
  ORIGIN_REFUSED(403, "Requests from this origin are refused"),
  NOT_FOUND(404, "There is nothing here"),
  METHOD_NOT_ALLOWED(405, "This method is not allowed here"),
  NOT_ACCEPTABLE(406, "None of the accepted media types can be given"),
  REQUEST_TIMEOUT(408, "The request did not arrive in time"),
  EMAIL_TAKEN(409, "This email address has an account"),
  ID_TAKEN(409, "This id is in use"),
  CONFLICT(409, "Not in the state that it is in"),
  TOO_LARGE(413, "The body is too large"),
  URI_TOO_LONG(414, "The request target is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "This media type is not understood here"),
  MISDIRECTED(421, "Another worker answers this"),
  INVALID(422, "The request is well-formed but not valid"),
  UPGRADE_REQUIRED(426, "This path speaks WebSocket only"),
  TOO_MANY_REQUESTS(429, "Too many requests of this kind"),
  HEADERS_TOO_LARGE(431, "The headers are too large"),
  INTERNAL(500, "Something failed inside"),
  NOT_IMPLEMENTED(501, "This is not supported"),
  BAD_ANSWER(502, "The private service gave no usable answer"),
  BINDING_DOWN(503, "The private service cannot be reached"),
  OVERLOADED(503, "Too busy to take this now"),
  STORE_DOWN(503, "A store that this needs cannot be reached"),
  BINDING_TIMEOUT(504, "The private service did not answer in time"),
  HTTP_VERSION_NOT_SUPPORTED(505, "This HTTP version is not supported");

  private final int status;
  private final String title;
  private final String urn;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
    this.urn = "urn:sallyport:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The HTTP status code. */
  public int status() {
    return status;
  }

  /** One short sentence, the same for every occurrence. */
  public String title() {
    return title;
  }

  /** The {@code type} member on the wire. */
  public String urn() {
    return urn;
  }
}
