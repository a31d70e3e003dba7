package dev.sallyport.data.queue;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Paging;
import dev.sallyport.data.queue.Operators.Operated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Dead letters of queues. Blocks, each call on a virtual thread. */
@Path(QueueResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeadResource {
  private final Operators operators;
  private final DeadLetters letters;

  @Inject
  DeadResource(Operators operators, DeadLetters letters) {
    this.operators = operators;
    this.letters = letters;
  }

  /** The newest first, without their bodies. */
  @GET
  @Path("/{queue}/dead")
  public DeadLetters.Page list(
      @PathParam("queue") String queue,
      @QueryParam("id") @Nullable String id,
      @QueryParam("key") @Nullable String key,
      @QueryParam("sender") @Nullable String sender,
      @QueryParam("reason") @Nullable String reason,
      @QueryParam("before") @Nullable String before,
      @QueryParam("after") @Nullable String after,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit) {
    var operated = operated(queue);
    var request =
        DeadRequest.checked(
            new DeadRequest(
                null,
                null,
                id == null ? null : List.of(id),
                key,
                sender,
                reason,
                before,
                after,
                null,
                null));
    return letters.page(operated, request, cursor, Paging.limit(limit));
  }

  @GET
  @Path("/{queue}/dead/{letter}")
  public DeadLetters.View get(
      @PathParam("queue") String queue, @PathParam("letter") String letter) {
    return letters.find(operated(queue), letter);
  }

  @POST
  @Path("/{queue}/dead/redrive")
  @Consumes(MediaType.APPLICATION_JSON)
  public DeadLetters.Redriven redrive(
      @PathParam("queue") String queue, @Nullable DeadRequest request) {
    var operated = operated(queue);
    return letters.redrive(operated, DeadRequest.checked(request));
  }

  @POST
  @Path("/{queue}/dead/purge")
  @Consumes(MediaType.APPLICATION_JSON)
  public DeadLetters.Purged purge(@PathParam("queue") String queue, @Nullable DeadRequest request) {
    var operated = operated(queue);
    return letters.purge(operated, DeadRequest.checked(request).forPurge());
  }

  private Operated operated(String queue) {
    return operators.require(InternalCall.current().caller().user(), queue);
  }
}
