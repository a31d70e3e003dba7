package dev.sallyport.data.kv;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.RedisAway;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.SharedEntry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a user-worker asks that found nothing in Redis; nobody else gets an answer. Fills Redis on
 * the way. Blocks, each call on a virtual thread.
 */
@Path(SharedEntry.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class KvResource {
  private static final Logger LOG = Logger.getLogger(KvResource.class);

  private final Kv kv;
  private final KvScript script;

  @Inject
  KvResource(Kv kv, KvScript script) {
    this.kv = kv;
    this.script = script;
  }

  @GET
  @Path("/{space}")
  public Shared get(@PathParam("space") String space, @QueryParam("key") @Nullable String key) {
    boolean isOurs =
        InternalCall.current().caller() instanceof Caller.User user
            && user.id().equals(SharedEntry.CALLER);
    if (!isOurs || key == null || !SharedEntry.isName(space, key)) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    var shared = kv.get(space, key);
    try {
      script.push(space, key, shared);
    } catch (RedisAway e) {
      // The answer is right all the same; the next one asks again.
      LOG.debugf("not kept: %s", e.getMessage());
    }
    return shared;
  }
}
