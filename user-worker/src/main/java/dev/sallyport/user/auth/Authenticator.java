package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sends a request. On event loops; what was verified within the last minute is
 * answered at once, a new credential is verified elsewhere. Each is held against the revocations
 * every time.
 */
@ApplicationScoped
public class Authenticator {
  /** The session cookie's name. */
  static final String COOKIE = "sallyport_session";

  private static final String BEARER = "Bearer ";
  private static final Future<Optional<Principal>> NOBODY =
      Future.succeededFuture(Optional.empty());
  private static final Future<Optional<Principal>> REFUSED =
      Future.failedFuture(
          new ProblemException(ProblemType.UNAUTHENTICATED, "The credential is not valid."));

  private final Tokens tokens;
  private final TokenKeys keys;
  private final Revocations revocations;
  private final CryptoPool crypto;
  private final Database database;
  private final AuthSql sql;
  private final Tickets tickets;
  private final Remembered remembered;
  private final Together<Principal> verifying = new Together<>();
  private final Together<Optional<Principal>> looking = new Together<>();

  @Inject
  Authenticator(
      Tokens tokens,
      TokenKeys keys,
      Revocations revocations,
      CryptoPool crypto,
      Database database,
      AuthSql sql,
      Tickets tickets,
      AuthSettings settings,
      InstantSource clock) {
    this.tokens = tokens;
    this.keys = keys;
    this.revocations = revocations;
    this.crypto = crypto;
    this.database = database;
    this.sql = sql;
    this.tickets = tickets;
    this.remembered = new Remembered(settings.rememberedMax(), clock);
  }

  /**
   * The caller, or nobody where the request carries no credential.
   *
   * @param needed whether a bad credential is an error; where none is needed a bad one is ignored
   */
  public Future<Optional<Principal>> identify(MultiMap headers, boolean needed) {
    if (!needed) {
      return NOBODY;
    }
    var authorization = headers.getAll(HttpHeaders.AUTHORIZATION);
    if (authorization.size() > 1) {
      return REFUSED;
    }
    if (!authorization.isEmpty()) {
      var value = authorization.getFirst();
      return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? bearer(value.substring(BEARER.length()))
          : REFUSED;
    }
    var cookie = cookie(headers);
    return cookie == null ? NOBODY : session(cookie);
  }

  /**
   * The caller of an upgrade that shows a ticket, which is used up. Nothing else counts then: an
   * {@code Authorization} beside it is refused, so that nobody wonders which one was taken; a
   * cookie, which a browser attaches unasked, is not looked at, however bad the ticket.
   *
   * @param shown every ticket of the request; more than one is refused
   */
  public Future<Optional<Principal>> redeem(MultiMap headers, List<String> shown) {
    return shown.size() == 1 && !headers.contains(HttpHeaders.AUTHORIZATION)
        ? tickets
            .redeem(shown.getFirst())
            .compose(found -> found.map(this::unlessRevoked).orElse(REFUSED))
        : REFUSED;
  }

  private static @Nullable String cookie(MultiMap headers) {
    for (var header : headers.getAll(HttpHeaders.COOKIE)) {
      for (var cookie : ServerCookieDecoder.STRICT.decodeAll(header)) {
        if (cookie.name().equals(COOKIE)) {
          return cookie.value();
        }
      }
    }
    return null;
  }

  private Future<Optional<Principal>> bearer(String token) {
    var known = remembered.find(token);
    if (known != null) {
      return unlessRevoked(known);
    }
    if (!Tokens.isCompact(token)) {
      return REFUSED;
    }
    return verifying
        .ask(
            token,
            () -> keyFor(token).compose(ready -> crypto.signature(() -> tokens.verify(token))))
        .compose(principal -> rememberUnlessRevoked(token, principal));
  }

  /** A key that another worker made since we looked is looked for before the token is refused. */
  private Future<Void> keyFor(String token) {
    return keys.find(Tokens.keyId(token)).isPresent()
        ? Future.succeededFuture()
        : database.ask(keys::lookAgain);
  }

  private Future<Optional<Principal>> session(String cookie) {
    var known = remembered.find(cookie);
    if (known != null) {
      return unlessRevoked(known);
    }
    return looking
        .ask(cookie, () -> database.ask(() -> sql.sessionByCookie(Secrets.sha256(cookie))))
        .compose(found ->
            found.map(principal -> rememberUnlessRevoked(cookie, principal)).orElse(REFUSED));
  }

  private Future<Optional<Principal>> rememberUnlessRevoked(
      String credential, Principal principal) {
    return unlessRevoked(principal).onSuccess(live -> remembered.remember(credential, principal));
  }

  private Future<Optional<Principal>> unlessRevoked(Principal principal) {
    return revocations
        .isRevoked(principal.sessionId())
        .compose(revoked -> revoked ? REFUSED : Future.succeededFuture(Optional.of(principal)));
  }
}
