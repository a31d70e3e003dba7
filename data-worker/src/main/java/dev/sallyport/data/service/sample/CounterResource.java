package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the samples have counted. On the event loop. */
@Path("/api/internal/sample/counters")
@NonBlocking
public class CounterResource {
  private final SampleSettings settings;
  private final SampleSql sql;

  @Inject
  CounterResource(SampleSettings settings, SampleSql sql) {
    this.settings = settings;
    this.sql = sql;
  }

  /**
   * A counter.
   *
   * @param value 0 if never counted
   */
  public record Counter(String key, long value) {}

  @GET
  @Path("/{key}")
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<Counter> get(@PathParam("key") String key) {
    if (!settings.enabled()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    InternalCall.current().caller().user();
    if (!SampleSql.isKey(key)) {
      throw Refusal.of(Problem.invalid(List.of(new FieldError("key", "is " + SampleSql.KEY_FORM))));
    }
    return sql.value(key).map(value -> new Counter(key, value)).toCompletionStage();
  }
}
