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
import java.util.function.Supplier;
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
  private static final CharSequence API_KEY = HttpHeaders.createOptimized("X-API-Key");
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
  private final ApiKeys apiKeys;
  private final Issuers issuers;
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
      ApiKeys apiKeys,
      Issuers issuers,
      AuthSettings settings,
      InstantSource clock) {
    this.tokens = tokens;
    this.keys = keys;
    this.revocations = revocations;
    this.crypto = crypto;
    this.database = database;
    this.sql = sql;
    this.tickets = tickets;
    this.apiKeys = apiKeys;
    this.issuers = issuers;
    this.remembered = new Remembered(settings.rememberedMax(), clock);
    keys.onRemoved(remembered::forgetAll);
  }

  /**
   * The caller, or nobody where the request carries no credential. Of {@code Authorization} and
   * {@code X-API-Key} one may come, once, so that nobody wonders which was taken. A cookie, which a
   * browser attaches unasked, counts only where neither came.
   *
   * @param needed whether a bad credential is an error; where none is needed a bad one is ignored
   * @param before asked before a credential is verified that is not remembered; its failure is the
   *     answer then
   */
  public Future<Optional<Principal>> identify(
      MultiMap headers, boolean needed, Supplier<Future<Void>> before) {
    if (!needed) {
      return NOBODY;
    }
    var authorization = headers.getAll(HttpHeaders.AUTHORIZATION);
    var keys = headers.getAll(API_KEY);
    if (authorization.size() + keys.size() > 1) {
      return REFUSED;
    }
    if (!keys.isEmpty()) {
      return key(keys.getFirst(), before);
    }
    if (!authorization.isEmpty()) {
      var value = authorization.getFirst();
      return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? bearer(value.substring(BEARER.length()), before)
          : REFUSED;
    }
    var cookie = cookie(headers);
    return cookie == null ? NOBODY : session(cookie, before);
  }

  /**
   * The caller of an upgrade that shows a ticket, which is used up. Nothing else counts then: an
   * {@code Authorization} or {@code X-API-Key} beside it is refused; a cookie, which a browser
   * attaches unasked, is not looked at, however bad the ticket.
   *
   * @param shown every ticket of the request; more than one is refused
   * @param before asked before the ticket is used up; its failure is the answer then
   */
  public Future<Optional<Principal>> redeem(
      MultiMap headers, List<String> shown, Supplier<Future<Void>> before) {
    return shown.size() == 1
            && !headers.contains(HttpHeaders.AUTHORIZATION)
            && !headers.contains(API_KEY)
        ? before
            .get()
            .compose(may -> tickets.redeem(shown.getFirst()))
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

  private Future<Optional<Principal>> bearer(String token, Supplier<Future<Void>> before) {
    var known = remembered.find(token);
    if (known == null) {
      return Tokens.isCompact(token) ? before.get().compose(may -> verified(token)) : REFUSED;
    }
    return revocations
        .isRevoked(known)
        .compose(revoked -> {
          if (!revoked) {
            return Future.succeededFuture(Optional.of(known));
          }
          // A session of ours has ended for good; what others say may now mean something else.
          return issuers
              .of(token)
              .map(issuer -> before.get().compose(may -> verified(token, issuer)))
              .orElse(REFUSED);
        });
  }

  private Future<Optional<Principal>> verified(String token, String issuer) {
    return verifying
        .ask(token, () -> issuers.verify(token, issuer))
        .compose(principal -> {
          if (revocations.isKnown(principal)) {
            return verified(token, issuer);
          }
          remembered.remember(token, principal);
          return Future.succeededFuture(Optional.of(principal));
        });
  }

  private Future<Optional<Principal>> verified(String token) {
    var issuer = issuers.of(token);
    if (issuer.isPresent()) {
      return verified(token, issuer.get());
    }
    return verifying
        .ask(
            token,
            () -> keyFor(token).compose(ready -> crypto.signature(() -> tokens.verify(token))))
        .compose(principal -> rememberUnlessRevoked(token, principal))
        .compose(found -> {
          if (keys.find(Tokens.keyId(token)).isPresent()) {
            return Future.succeededFuture(found);
          }
          // Its key went while we looked, and who forgets then may have come before us.
          remembered.forgetAll();
          return REFUSED;
        });
  }

  /** A key that another worker made since we looked is looked for before the token is refused. */
  private Future<Void> keyFor(String token) {
    return keys.find(Tokens.keyId(token)).isPresent()
        ? Future.succeededFuture()
        : database.ask(keys::lookAgain);
  }

  /** One that was revoked since it was remembered may only have changed: Postgres knows. */
  private Future<Optional<Principal>> key(String key, Supplier<Future<Void>> before) {
    var known = remembered.find(key);
    if (known == null) {
      return before.get().compose(may -> look(key));
    }
    return revocations
        .isRevoked(known)
        .compose(revoked ->
            revoked
                ? before.get().compose(may -> look(key))
                : Future.succeededFuture(Optional.of(known)));
  }

  private Future<Optional<Principal>> look(String key) {
    return looking
        .ask(key, () -> apiKeys.find(key))
        .compose(found -> {
          if (found.isEmpty()) {
            return REFUSED;
          }
          var principal = found.get();
          if (revocations.isKnown(principal)) {
            // Changed while we asked. Whoever asks now is told of that change.
            return look(key);
          }
          remembered.remember(key, principal);
          return Future.succeededFuture(found);
        });
  }

  private Future<Optional<Principal>> session(String cookie, Supplier<Future<Void>> before) {
    var known = remembered.find(cookie);
    if (known != null) {
      return unlessRevoked(known);
    }
    return before
        .get()
        .compose(may ->
            looking.ask(
                cookie, () -> database.ask(() -> sql.sessionByCookie(Secrets.sha256(cookie)))))
        .compose(found ->
            found.map(principal -> rememberUnlessRevoked(cookie, principal)).orElse(REFUSED));
  }

  private Future<Optional<Principal>> rememberUnlessRevoked(
      String credential, Principal principal) {
    return unlessRevoked(principal).onSuccess(live -> remembered.remember(credential, principal));
  }

  private Future<Optional<Principal>> unlessRevoked(Principal principal) {
    return revocations
        .isRevoked(principal)
        .compose(revoked -> revoked ? REFUSED : Future.succeededFuture(Optional.of(principal)));
  }
}
