package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.platform.Ticker;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Calls actors over HTTP. On the event loop; waits without a thread. */
@Path("/api/internal/actors")
@NonBlocking
public class ActorResource {
  /** What the edge gives a call that does not say. */
  private static final Duration USUAL = Duration.ofSeconds(10);

  private final ActorRegistry registry;
  private final Directory directory;
  private final Ticker ticker;

  @Inject
  ActorResource(ActorRegistry registry, Directory directory, Ticker ticker) {
    this.registry = registry;
    this.directory = directory;
    this.ticker = ticker;
  }

  @POST
  @Path("/{type}/{key}/{method}")
  @Produces(MediaType.APPLICATION_JSON)
  public CompletionStage<Response> call(
      @PathParam("type") String type,
      @PathParam("key") String key,
      @PathParam("method") String method,
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey,
      byte @Nullable [] body) {
    var call = InternalCall.current();
    var caller = call.caller().user();
    var behaviour = registry.find(type).orElseThrow(ActorError::notFound);
    return call(behaviour, key, method, caller, idempotencyKey, body, call);
  }

  private <S> CompletionStage<Response> call(
      Behaviour<S> behaviour,
      String key,
      String name,
      Caller.User caller,
      @Nullable String idempotencyKey,
      byte @Nullable [] body,
      InternalCall call) {
    var method = behaviour.methods().get(name);
    if (method == null || !method.access().admits(caller) || !Address.isKey(key)) {
      throw ActorError.notFound();
    }
    var json = body == null ? new byte[0] : body;
    var left = call.timeLeft() == null ? USUAL : call.timeLeft();
    var reply = new CompletableFuture<String>();
    directory.deliver(
        new Address(behaviour.type(), key),
        behaviour,
        new Ask.Call<>(
            method,
            caller,
            json,
            idempotencyKey == null ? null : key(caller, idempotencyKey, name, json),
            ticker.nanos() + left.toNanos(),
            reply,
            new AtomicBoolean()),
        false);
    return reply.handle(ActorResource::answer);
  }

  private static Ask.Key key(Caller.User caller, String key, String method, byte[] body) {
    if (!Ask.Key.isKey(key)) {
      throw ActorError.badKey();
    }
    return Ask.Key.of(caller.id(), key, method, body);
  }

  private static Response answer(@Nullable String json, @Nullable Throwable failure) {
    var cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    if (cause instanceof RuntimeException known) {
      throw known;
    }
    if (cause != null) {
      throw new IllegalStateException("an actor failed", cause);
    }
    return Response.ok(json, MediaType.APPLICATION_JSON_TYPE).build();
  }
}
