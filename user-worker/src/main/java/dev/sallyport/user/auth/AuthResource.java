package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.AuthBodies.Login;
import dev.sallyport.user.auth.AuthBodies.Refresh;
import dev.sallyport.user.auth.AuthBodies.Registration;
import dev.sallyport.user.auth.AuthBodies.Ticket;
import dev.sallyport.user.auth.AuthBodies.User;
import dev.sallyport.user.platform.ProblemException;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import java.util.UUID;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Accounts over HTTP: design.md, section 5. The edge has checked who may call what. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class AuthResource {
  private final Accounts accounts;
  private final Sessions sessions;
  private final Tickets tickets;
  private final TokenKeys keys;
  private final AuthSettings settings;

  @Inject
  AuthResource(
      Accounts accounts,
      Sessions sessions,
      Tickets tickets,
      TokenKeys keys,
      AuthSettings settings) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tickets = tickets;
    this.keys = keys;
    this.settings = settings;
  }

  @POST
  @Path("/auth/register")
  @RunOnVirtualThread
  public Response register(@Nullable Registration body) {
    var wanted = required(body).validated();
    var account = accounts.register(wanted.email(), wanted.password(), wanted.displayName());
    return Response.status(Response.Status.CREATED).entity(User.of(account)).build();
  }

  @POST
  @Path("/auth/login")
  @RunOnVirtualThread
  public Response login(@Nullable Login body) {
    var given = required(body).validated();
    var signedIn = accounts.login(given.email(), given.password());
    var cookie = cookie(signedIn.cookie(), settings.sessionLifetime().toSeconds());
    return Response.ok(tokens(signedIn)).cookie(cookie).build();
  }

  @POST
  @Path("/auth/refresh")
  @RunOnVirtualThread
  public AuthBodies.Tokens refresh(@Nullable Refresh body) {
    return tokens(accounts.refresh(required(body).validated()));
  }

  @POST
  @Path("/auth/logout")
  @Consumes(MediaType.WILDCARD)
  @RunOnVirtualThread
  public Response logout(RoutingContext context) {
    var session = UUID.fromString(caller(context).sessionId());
    sessions.end(session);
    return Response.noContent().cookie(cookie("", 0)).build();
  }

  @POST
  @Path("/auth/tickets")
  @Consumes(MediaType.WILDCARD)
  @ResponseStatus(201)
  @RunOnVirtualThread
  public Ticket ticket(RoutingContext context) {
    var made = tickets.make(UUID.fromString(caller(context).sessionId()));
    return new Ticket(made, Tickets.LIFETIME.toSeconds());
  }

  @GET
  @Path("/auth/me")
  @RunOnVirtualThread
  public User me(RoutingContext context) {
    return User.of(accounts.byId(caller(context).userId()));
  }

  @GET
  @Path("/.well-known/jwks.json")
  @NonBlocking
  public String jwks() {
    if (keys.signing().isEmpty()) {
      throw Tokens.notReady();
    }
    return keys.jwks();
  }

  private static Principal caller(RoutingContext context) {
    return Objects.requireNonNull(Principal.of(context), "the edge admits no anonymous caller");
  }

  private static <T> T required(@Nullable T body) {
    if (body == null) {
      throw new ProblemException(ProblemType.BAD_JSON, "There is no JSON object in the body.");
    }
    return body;
  }

  private AuthBodies.Tokens tokens(Accounts.SignedIn signedIn) {
    return new AuthBodies.Tokens(
        signedIn.accessToken(),
        "Bearer",
        settings.accessTokenLifetime().toSeconds(),
        signedIn.refreshToken(),
        User.of(signedIn.account()));
  }

  private NewCookie cookie(@Nullable String value, long seconds) {
    return new NewCookie.Builder(Authenticator.COOKIE)
        .value(value)
        .path("/")
        .maxAge((int) seconds)
        .httpOnly(true)
        .secure(settings.secureCookie())
        .sameSite(NewCookie.SameSite.LAX)
        .build();
  }
}
