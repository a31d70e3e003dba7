package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.UserBodies.UserChange;
import dev.sallyport.user.auth.UserBodies.UserItem;
import dev.sallyport.user.auth.UserBodies.UserPage;
import dev.sallyport.user.auth.UserSql.Change;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Everybody's accounts, for admins: design.md, section 5. The edge admits nobody else. */
@Path("/auth/users")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class UserResource {
  private final UserSql users;
  private final Sessions sessions;
  private final Database database;

  @Inject
  UserResource(UserSql users, Sessions sessions, Database database) {
    this.users = users;
    this.sessions = sessions;
    this.database = database;
  }

  @GET
  @RunOnVirtualThread
  public UserPage list(
      @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
    var query = PageQuery.of(cursor, limit);
    var rows = database.await(users.page(query.after(), query.asked()).toCompletionStage());
    return new UserPage(
        query.page(rows).stream().map(UserItem::of).toList(),
        query.next(rows, UserSql.StoredUser::id));
  }

  @PATCH
  @Path("/{id}")
  @RunOnVirtualThread
  public UserItem change(@PathParam("id") String id, @Nullable UserChange body) {
    var user = AuthBodies.id(id);
    var wanted = AuthBodies.required(body);
    var change =
        users.change(user, wanted.validatedRoles(), wanted.disabled(), sessions.remembered());
    return switch (sessions.revoked(change)) {
      case Change.Changed(var changed) -> UserItem.of(changed);
      case Change.Unknown() ->
          throw new ProblemException(ProblemType.NOT_FOUND, "There is no such account.");
      case Change.LastAdmin() ->
          throw new ProblemException(
              ProblemType.CONFLICT, "This is the last admin: make another account one first.");
    };
  }
}
