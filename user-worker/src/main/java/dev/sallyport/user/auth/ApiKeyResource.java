package dev.sallyport.user.auth;

import dev.sallyport.user.auth.KeyBodies.KeyItem;
import dev.sallyport.user.auth.KeyBodies.KeyPage;
import dev.sallyport.user.auth.KeyBodies.MadeKey;
import dev.sallyport.user.auth.KeyBodies.NewKey;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.UUID;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Keys for programs: design.md, section 5. The edge lets nobody in here who came with a key. */
@Path("/auth/api-keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ApiKeyResource {
  private final ApiKeys keys;
  private final InstantSource clock;

  @Inject
  ApiKeyResource(ApiKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  @POST
  @ResponseStatus(201)
  @RunOnVirtualThread
  public MadeKey make(@Nullable NewKey body, RoutingContext context) {
    var wanted = AuthBodies.required(body).validated(clock.instant());
    var made = keys.make(account(context), wanted.name(), wanted.scopes(), wanted.expiresAt());
    return new MadeKey(
        made.id().toString(),
        wanted.name(),
        made.key(),
        wanted.scopes().list(),
        made.createdAt().toString(),
        KeyBodies.text(wanted.expiresAt()));
  }

  @GET
  @RunOnVirtualThread
  public KeyPage list(
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit,
      RoutingContext context) {
    var query = PageQuery.of(cursor, limit);
    var rows = keys.page(account(context), query.after(), query.asked());
    return new KeyPage(
        query.page(rows).stream().map(KeyItem::of).toList(),
        query.next(rows, ApiKeySql.StoredApiKey::id));
  }

  @DELETE
  @Path("/{id}")
  @Consumes(MediaType.WILDCARD)
  @RunOnVirtualThread
  public void delete(@PathParam("id") String id, RoutingContext context) {
    keys.delete(AuthBodies.id(id), account(context));
  }

  private static UUID account(RoutingContext context) {
    return UUID.fromString(Principal.caller(context).userId());
  }
}
