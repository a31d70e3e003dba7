package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.AuthBodies.Login;
import dev.sallyport.user.auth.AuthBodies.Refresh;
import dev.sallyport.user.auth.AuthBodies.Registration;
import dev.sallyport.user.auth.AuthBodies.SessionQuestion;
import dev.sallyport.user.auth.AuthBodies.Ticket;
import dev.sallyport.user.auth.AuthBodies.User;
import dev.sallyport.user.auth.AuthBodies.ValidSession;
import dev.sallyport.user.platform.ProblemException;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
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
  private final Devices devices;
  private final AuthSettings settings;

  @Inject
  AuthResource(
      Accounts accounts,
      Sessions sessions,
      Tickets tickets,
      TokenKeys keys,
      Devices devices,
      AuthSettings settings) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tickets = tickets;
    this.keys = keys;
    this.devices = devices;
    this.settings = settings;
  }

  @POST
  @Path("/auth/register")
  @RunOnVirtualThread
  public Response register(@Nullable Registration body) {
    var wanted = AuthBodies.required(body).validated();
    var account = accounts.register(wanted.email(), wanted.password(), wanted.displayName());
    return Response.status(Response.Status.CREATED).entity(User.of(account)).build();
  }

  @POST
  @Path("/auth/login")
  @RunOnVirtualThread
  public Response login(
      @Nullable Login body, @CookieParam(Devices.COOKIE) @Nullable String device) {
    var given = AuthBodies.required(body).validated();
    var signedIn = accounts.login(given.email(), given.password(), device);
    var session = cookie(signedIn.cookie(), settings.sessionLifetime().toSeconds());
    var answer = Response.ok(tokens(signedIn)).cookie(session);
    if (device == null || !devices.isOf(given.email(), device)) {
      var remembered = devices.remember(given.email());
      answer.cookie(cookie(Devices.COOKIE, remembered, Devices.LIFETIME.toSeconds()));
    }
    return answer.build();
  }

  @POST
  @Path("/auth/refresh")
  @RunOnVirtualThread
  public AuthBodies.Tokens refresh(@Nullable Refresh body) {
    return tokens(accounts.refresh(AuthBodies.required(body).validated()));
  }

  @POST
  @Path("/auth/logout")
  @Consumes(MediaType.WILDCARD)
  @RunOnVirtualThread
  public Response logout(RoutingContext context) {
    sessions.end(UUID.fromString(Principal.caller(context).sessionId()));
    return Response.noContent().cookie(cookie("", 0)).build();
  }

  @POST
  @Path("/auth/tickets")
  @Consumes(MediaType.WILDCARD)
  @ResponseStatus(201)
  @RunOnVirtualThread
  public Ticket ticket(RoutingContext context) {
    return new Ticket(tickets.make(Principal.caller(context)), Tickets.LIFETIME.toSeconds());
  }

  @POST
  @Path("/auth/validate-session")
  @NonBlocking
  public ValidSession validateSession(@Nullable SessionQuestion body, RoutingContext context) {
    var caller = Principal.caller(context);
    var asked = body == null ? null : body.sessionId();
    if (asked != null && !asked.equals(caller.sessionId())) {
      throw new ProblemException(ProblemType.UNAUTHENTICATED, "This is not the caller's session.");
    }
    return ValidSession.of(caller);
  }

  @GET
  @Path("/auth/me")
  @RunOnVirtualThread
  public User me(RoutingContext context) {
    return User.of(accounts.byId(Principal.caller(context).userId()));
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

  private AuthBodies.Tokens tokens(Accounts.SignedIn signedIn) {
    return new AuthBodies.Tokens(
        signedIn.accessToken(),
        "Bearer",
        settings.accessTokenLifetime().toSeconds(),
        signedIn.refreshToken(),
        User.of(signedIn.account()));
  }

  private NewCookie cookie(@Nullable String value, long seconds) {
    return cookie(Authenticator.COOKIE, value, seconds);
  }

  private NewCookie cookie(String name, @Nullable String value, long seconds) {
    return new NewCookie.Builder(name)
        .value(value)
        .path("/")
        .maxAge((int) seconds)
        .httpOnly(true)
        .secure(settings.secureCookie())
        .sameSite(NewCookie.SameSite.LAX)
        .build();
  }
}
