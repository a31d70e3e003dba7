package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.rpc.JsonRpc;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON-RPC over HTTP. Every answer is JSON whatever is accepted: an error of the protocol is no
 * error of HTTP.
 */
@Path(JsonRpc.PRIVATE_PATH)
@RunOnVirtualThread
public class RpcResource {
  private final RpcCalls calls;

  @Inject
  RpcResource(RpcCalls calls) {
    this.calls = calls;
  }

  @POST
  public Response call(
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String type, byte @Nullable [] body)
      throws InterruptedException {
    var call = InternalCall.current();
    call.caller().user();
    if (!isJson(type)) {
      throw Refusal.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type application/json.");
    }
    return calls
        .serve(body == null ? new byte[0] : body, call)
        .map(json -> Response.ok(json, MediaType.APPLICATION_JSON_TYPE).build())
        .orElseGet(() -> Response.noContent().build());
  }

  /** As elsewhere: one that says nothing of its type is taken for JSON. */
  private static boolean isJson(@Nullable String type) {
    return type == null
        || type.split(";", 2)[0]
            .strip()
            .toLowerCase(Locale.ROOT)
            .equals(MediaType.APPLICATION_JSON);
  }
}
