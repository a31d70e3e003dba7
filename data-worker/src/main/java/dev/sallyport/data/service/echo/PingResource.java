package dev.sallyport.data.service.echo;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.platform.WorkerId;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Who is calling, and which worker answers. The path that `bench hop` measures. */
@Path("/api/internal/ping")
@NonBlocking
public class PingResource {
  private final WorkerId worker;
  private final Clock clock;

  @Inject
  PingResource(WorkerId worker, Clock clock) {
    this.worker = worker;
    this.clock = clock;
  }

  /**
   * The answer.
   *
   * @param at this worker's clock, to the millisecond
   */
  public record Pong(String userId, List<String> roles, String worker, Instant at) {}

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public Pong ping() {
    var user = InternalCall.current().caller().user();
    return new Pong(
        user.id(), user.roles(), worker.value(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
  }
}
