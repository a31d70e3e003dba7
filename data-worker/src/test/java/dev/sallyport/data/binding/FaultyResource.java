package dev.sallyport.data.binding;

import dev.sallyport.data.platform.StoreFailures;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;

/** Fails in every way that a service can; deployed in tests only. */
@Path("/api/internal/faulty")
@NonBlocking
public class FaultyResource {
  record Item(String name, int count) {}

  record Order(String id, List<Item> items) {}

  @GET
  @Path("refusal")
  public String refusal() {
    throw Refusal.of(
        Problem.retryable(ProblemType.OVERLOADED, "Come again.", Duration.ofMillis(1500)));
  }

  @GET
  @Path("bug")
  public String bug() {
    throw new IllegalStateException("password=hunter2");
  }

  @GET
  @Path("store-away")
  public String storeAway() {
    throw StoreFailures.notAsked();
  }

  @GET
  @Path("store-silent")
  public String storeSilent() {
    throw StoreFailures.notAnswered();
  }

  @POST
  @Path("order")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Order order(Order order) {
    return order;
  }
}
