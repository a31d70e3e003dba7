package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.InternalCall;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The short form of starting a run. On the event loop. */
@Path("/api/internal/trigger-workflow")
@NonBlocking
public class TriggerResource {
  private final Starting starting;
  private final JsonFactory json;

  @Inject
  TriggerResource(Starting starting, ObjectMapper mapper) {
    this.starting = starting;
    this.json = mapper.getFactory();
  }

  /** The id of the run that was started. */
  public record Triggered(boolean success, String id) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<Triggered> trigger(
      @HeaderParam("Idempotency-Key") @Nullable String key, byte[] body) {
    var caller = InternalCall.current().caller().user();
    var asked = StartBody.shortForm(json, body);
    return starting
        .start(caller, asked.typeOf(), asked, key, null)
        .map(answer -> new Triggered(true, answer.id()))
        .toCompletionStage();
  }
}
