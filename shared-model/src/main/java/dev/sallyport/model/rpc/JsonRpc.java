package dev.sallyport.model.rpc;

/** JSON-RPC 2.0 as it is spoken here: names and bounds. */
public final class JsonRpc {
  /** What {@code jsonrpc} says in every request and answer. */
  public static final String VERSION = "2.0";

  /** Where the public worker takes requests, by {@code POST}. */
  public static final String PUBLIC_PATH = "/api/rpc";

  /** Where the private worker takes the same. */
  public static final String PRIVATE_PATH = "/api/internal/rpc";

  /** Describes, in OpenRPC, what the caller may call. */
  public static final String DISCOVER = "rpc.discover";

  /** Entries of a batch; with more it is refused whole, by HTTP 413. */
  public static final int ENTRIES_MAX = 100;

  /** Bytes of a request. */
  public static final int REQUEST_BYTES_MAX = 1024 * 1024;

  /** Bytes of all results of a request together, as JSON; who goes beyond gets an error instead. */
  public static final int RESULT_BYTES_MAX = 1024 * 1024;

  /** How many entries of one batch run side by side. */
  public static final int AT_ONCE_MAX = 10;

  private JsonRpc() {}
}
