package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Starts runs and tells how they are. {@code ?wait=PT5S} answers when the run is over or the time
 * is, whichever is first, with the run as it is then. On the event loop: it waits for nothing but
 * Postgres and ends of runs, and for those without a thread.
 */
@Path(WorkflowResource.PATH)
@NonBlocking
public class WorkflowResource {
  static final String PATH = "/api/internal/workflows";

  private final Starting starting;
  private final RunReader reader;
  private final RunList list;
  private final JsonFactory json;

  @Inject
  WorkflowResource(Starting starting, RunReader reader, RunList list, ObjectMapper mapper) {
    this.starting = starting;
    this.reader = reader;
    this.list = list;
    this.json = mapper.getFactory();
  }

  @POST
  @Path("/{type}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<Response> start(
      @PathParam("type") String type,
      @HeaderParam("Idempotency-Key") @Nullable String key,
      @QueryParam("wait") @Nullable String wait,
      byte[] body) {
    var call = InternalCall.current();
    var caller = call.caller().user();
    var patience = Patience.of(wait, call);
    return starting
        .start(caller, type, StartBody.one(json, body), key, patience)
        .map(answer -> started(type, answer))
        .toCompletionStage();
  }

  /** The path of a run has nothing to escape: see {@link Definition} and {@link StartBody}. */
  private static Response started(String type, Starting.Answer answer) {
    return Response.status(answer.created() ? 201 : 200)
        .header(HttpHeaders.LOCATION, PATH + "/" + type + "/" + answer.id())
        .type(MediaType.APPLICATION_JSON_TYPE)
        .entity(answer.json())
        .build();
  }

  /** The run with its steps. As {@code text/event-stream} it is {@link ProgressRoute}'s. */
  @GET
  @Path("/{type}/{id}")
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<String> get(
      @PathParam("type") String type,
      @PathParam("id") String id,
      @QueryParam("wait") @Nullable String wait) {
    var call = InternalCall.current();
    var patience = Patience.of(wait, call);
    return reader
        .visible(call.caller().user(), type, id)
        .compose(run -> starting.awaited(run, patience))
        .toCompletionStage();
  }

  /**
   * Runs, the newest first, without their steps, parameters and outputs; the caller's own, or for
   * an admin all.
   */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<String> list(
      @QueryParam("type") @Nullable String type,
      @QueryParam("status") @Nullable String status,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit) {
    Caller.User caller = InternalCall.current().caller().user();
    return list.page(caller, type, status, cursor, limit).toCompletionStage();
  }
}
