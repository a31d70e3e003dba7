package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.InternalCall;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Starts and controls many runs in one call. Blocks, each call on a virtual thread. */
@Path(WorkflowResource.PATH)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class BulkResource {
  private final Bulk bulk;
  private final Batches batches;
  private final JsonFactory json;

  @Inject
  BulkResource(Bulk bulk, Batches batches, ObjectMapper mapper) {
    this.bulk = bulk;
    this.batches = batches;
    this.json = mapper.getFactory();
  }

  @POST
  @Path("/bulk")
  public Bulk.Result bulk(Bulk.@Nullable Request request) {
    var caller = InternalCall.current().caller().user();
    if (request == null) {
      throw StartBody.invalid("action", "is missing");
    }
    return bulk.run(caller, request);
  }

  @POST
  @Path("/{type}/batch")
  public Response batch(
      @PathParam("type") String type,
      @HeaderParam("Idempotency-Key") @Nullable String key,
      byte[] body) {
    var caller = InternalCall.current().caller().user();
    if (key != null) {
      throw StartBody.invalid("Idempotency-Key", "is not for batches: give the runs ids");
    }
    var runs = batches.start(caller, type, StartBody.batch(json, body));
    return Response.status(201).type(MediaType.APPLICATION_JSON_TYPE).entity(runs).build();
  }
}
