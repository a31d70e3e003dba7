package dev.sallyport.model;

import java.util.List;

/** The headers that the user-worker adds to a call and the data-worker believes once signed. */
public final class WorkerHeaders {
  /** The signed-in user's id; absent for an anonymous call. */
  public static final String USER_ID = "X-User-Id";

  /** The user's roles, comma-separated, sorted; absent for an anonymous call. */
  public static final String USER_ROLES = "X-User-Roles";

  /** One id for a request across both workers, their logs and their answers. */
  public static final String REQUEST_ID = "X-Request-Id";

  /** The client's address as the user-worker established it. */
  public static final String CLIENT_ADDRESS = "X-Client-Address";

  /** Always {@code true} on a call between workers. */
  public static final String INTERNAL_REQUEST = "X-Internal-Request";

  /** Milliseconds the caller is still prepared to wait. */
  public static final String DEADLINE = "X-Deadline";

  /** Proof that the user-worker wrote the headers above: see {@link CallSigner}. */
  public static final String SIGNATURE = "X-Sallyport-Signature";

  /** How long the call to the data-worker took, in milliseconds, on the answer to the client. */
  public static final String BINDING_TIME = "X-Service-Binding-Time";

  /** On a 421: the address of the data-worker that may answer. It never reaches a client. */
  public static final String OWNER = "X-Sallyport-Owner";

  /** Everything that only the user-worker may say. */
  public static final List<String> ADDED_BY_USER_WORKER =
      List.of(
          USER_ID, USER_ROLES, REQUEST_ID, CLIENT_ADDRESS, INTERNAL_REQUEST, DEADLINE, SIGNATURE);

  private WorkerHeaders() {}
}
