package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.workflow.Controls.Action;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Controls runs, and brings them events. Control calls block, each on a virtual thread. */
@Path(WorkflowResource.PATH)
public class ControlResource {
  private final RunReader reader;
  private final Controls controls;
  private final Forks forks;
  private final Events events;
  private final JsonFactory json;

  @Inject
  ControlResource(
      RunReader reader, Controls controls, Forks forks, Events events, ObjectMapper mapper) {
    this.reader = reader;
    this.controls = controls;
    this.forks = forks;
    this.events = events;
    this.json = mapper.getFactory();
  }

  @POST
  @Path("/{type}/{id}/pause")
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String pause(@PathParam("type") String type, @PathParam("id") String id) {
    return act(Action.PAUSE, type, id);
  }

  @POST
  @Path("/{type}/{id}/resume")
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String resume(@PathParam("type") String type, @PathParam("id") String id) {
    return act(Action.RESUME, type, id);
  }

  @POST
  @Path("/{type}/{id}/terminate")
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String terminate(@PathParam("type") String type, @PathParam("id") String id) {
    return act(Action.TERMINATE, type, id);
  }

  @POST
  @Path("/{type}/{id}/restart")
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String restart(@PathParam("type") String type, @PathParam("id") String id) {
    return act(Action.RESTART, type, id);
  }

  @POST
  @Path("/{type}/{id}/retry")
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String retry(@PathParam("type") String type, @PathParam("id") String id) {
    return act(Action.RETRY, type, id);
  }

  private String act(Action action, String type, String id) {
    var run = Waits.on(reader.visible(caller(), type, id));
    controls.act(action, run.type(), run.id());
    return Waits.on(reader.byKey(run.pk()).compose(reader::whole));
  }

  /** From where a fork goes on. */
  public record Fork(@Nullable String fromStep) {}

  @POST
  @Path("/{type}/{id}/fork")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public String fork(
      @PathParam("type") String type, @PathParam("id") String id, @Nullable Fork fork) {
    var caller = caller();
    if (fork == null || fork.fromStep() == null || fork.fromStep().indexOf('\0') >= 0) {
      throw StartBody.invalid("fromStep", "is the name of a step");
    }
    var run = Waits.on(reader.visible(caller, type, id));
    long made = forks.fork(run, fork.fromStep(), caller.id());
    return Waits.on(reader.byKey(made).compose(reader::whole));
  }

  @POST
  @Path("/{type}/{id}/events/{event}")
  @Consumes(MediaType.APPLICATION_JSON)
  @NonBlocking
  public CompletionStage<Response> event(
      @PathParam("type") String type,
      @PathParam("id") String id,
      @PathParam("event") String event,
      byte[] body) {
    return events
        .send(caller(), type, id, event, StartBody.value(json, body))
        .map(sent -> Response.accepted().build())
        .toCompletionStage();
  }

  private static Caller.User caller() {
    return InternalCall.current().caller().user();
  }
}
