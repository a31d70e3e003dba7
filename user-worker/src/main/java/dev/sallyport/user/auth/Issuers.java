package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.EmailAddress;
import dev.sallyport.user.platform.EventLoop;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Ticker;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of other issuers: whose they are, and which account that is here. On event loops; the
 * signature is verified in {@link CryptoPool}. Thread-safe.
 */
@ApplicationScoped
class Issuers {
  private static final Duration CLOCKS_APART = Duration.ofSeconds(30);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);
  private static final int KEY_SET_BYTES_MAX = 256 * 1024;
  private static final int SUBJECT_MAX = 255;

  private final Map<String, One> byUrl = new HashMap<>();
  private final IdentitySql sql;
  private final Revocations revocations;
  private final Sessions sessions;
  private final CryptoPool crypto;
  private final Database database;
  private final UuidV7 ids;
  private final InstantSource clock;

  /** One issuer that is trusted. */
  private record One(AuthSettings.Issuer settings, Set<String> algorithms, IssuerKeys keys) {}

  /**
   * Who a token says somebody is.
   *
   * @param email null where there is none, or none that the issuer vouches for
   */
  record Claimed(String issuer, String subject, @Nullable String email, Instant expiresAt) {}

  @Inject
  Issuers(
      AuthSettings settings,
      IdentitySql sql,
      Revocations revocations,
      Sessions sessions,
      CryptoPool crypto,
      Database database,
      UuidV7 ids,
      InstantSource clock,
      Ticker ticker) {
    this.sql = sql;
    this.revocations = revocations;
    this.sessions = sessions;
    this.crypto = crypto;
    this.database = database;
    this.ids = ids;
    this.clock = clock;
    if (!settings.issuers().isEmpty()) {
      trust(settings, ticker);
    }
  }

  private void trust(AuthSettings settings, Ticker ticker) {
    var http = HttpClient.newBuilder().connectTimeout(ANSWER_WITHIN).build();
    settings
        .issuers()
        .forEach((name, issuer) -> {
          var algorithms = Set.copyOf(issuer.algorithms());
          if (algorithms.isEmpty() || !JwsRules.ALGORITHMS.containsAll(algorithms)) {
            throw new ConfigurationException(
                "sallyport.auth.issuers."
                    + name
                    + ".algorithms must be some of "
                    + String.join(", ", new TreeSet<>(JwsRules.ALGORITHMS)));
          }
          if (issuer.url().equals(settings.issuer()) || byUrl.containsKey(issuer.url())) {
            throw new ConfigurationException(
                "sallyport.auth.issuers." + name + ".url is that of another issuer");
          }
          var request =
              HttpRequest.newBuilder(URI.create(issuer.jwksUrl())).timeout(ANSWER_WITHIN).build();
          byUrl.put(
              issuer.url(),
              new One(issuer, algorithms, new IssuerKeys(name, () -> get(http, request), ticker)));
        });
  }

  private static CompletionStage<String> get(HttpClient http, HttpRequest request) {
    return http.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofString(), KEY_SET_BYTES_MAX))
        .thenApply(Issuers::body);
  }

  private static String body(HttpResponse<String> answer) {
    if (answer.statusCode() != 200) {
      throw new UncheckedIOException(new IOException("status " + answer.statusCode()));
    }
    return answer.body();
  }

  /** Which of these a token in compact form says that it is of. Costs next to nothing. */
  Optional<String> of(String token) {
    if (byUrl.isEmpty()) {
      return Optional.empty();
    }
    try {
      var payload = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
      var claims = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
      return Optional.ofNullable(JwtClaims.parse(claims).getIssuer()).filter(byUrl::containsKey);
    } catch (InvalidJwtException
        | MalformedClaimException
        | IllegalArgumentException
        | ClassCastException e) {
      return Optional.empty();
    }
  }

  /**
   * Whose token this is.
   *
   * @param issuer as {@link #of} says
   * @return fails with {@code UNAUTHENTICATED} where it is nobody's here, {@code STORE_DOWN}
   */
  Future<Principal> verify(String token, String issuer) {
    var one = byUrl.get(issuer);
    if (one == null) {
      return Future.failedFuture(refused());
    }
    var kid = Tokens.keyId(token);
    Future<List<JsonWebKey>> keys = one.keys().withKey(kid.isEmpty() ? null : kid);
    return EventLoop.here(keys)
        .compose(known -> crypto.signature(() -> claims(token, one, known)))
        .compose(this::principal);
  }

  private Claimed claims(String token, One one, List<JsonWebKey> keys) {
    try {
      var claims = JwtClaims.parse(JwsRules.payload(token, keys, one.algorithms()));
      var now = clock.instant();
      var expiry = claims.getExpirationTime();
      var notBefore = claims.getNotBefore();
      var subject = claims.getSubject();
      if (!one.settings().url().equals(claims.getIssuer())
          || !claims.hasAudience()
          || !claims.getAudience().contains(one.settings().audience())
          || expiry == null
          || !now.isBefore(instant(expiry).plus(CLOCKS_APART))
          || (notBefore != null && now.plus(CLOCKS_APART).isBefore(instant(notBefore)))
          || subject == null
          || subject.isEmpty()
          || subject.length() > SUBJECT_MAX
          || !EmailAddress.isText(subject)) {
        throw refused();
      }
      return new Claimed(
          one.settings().url(), subject, email(claims, one), instant(expiry).plus(CLOCKS_APART));
    } catch (JoseException | InvalidJwtException | MalformedClaimException | ClassCastException e) {
      throw refused();
    }
  }

  private static @Nullable String email(JwtClaims claims, One one) throws MalformedClaimException {
    return one.settings().trustEmail()
            && Boolean.TRUE.equals(claims.getClaimValue("email_verified"))
            && claims.hasClaim("email")
        ? AuthBodies.address(claims.getStringClaimValue("email"))
        : null;
  }

  private static Instant instant(NumericDate date) {
    return Instant.ofEpochMilli(date.getValueInMillis());
  }

  private Future<Principal> principal(Claimed claimed) {
    long asOf = revocations.lastNumber();
    return database
        .ask(() ->
            sql.find(claimed.issuer(), claimed.subject())
                .compose(found -> {
                  var email = claimed.email();
                  return found.isPresent() || email == null
                      ? Future.succeededFuture(found)
                      : sql.link(
                              ids.next(),
                              claimed.issuer(),
                              claimed.subject(),
                              email,
                              sessions.remembered())
                          .compose(linked -> revocations.read())
                          .compose(read -> sql.find(claimed.issuer(), claimed.subject()));
                }))
        .compose(found ->
            found
                .filter(linked -> !linked.disabled())
                .map(linked -> Future.succeededFuture(principal(linked, claimed, asOf)))
                .orElseGet(() -> Future.failedFuture(refused())));
  }

  private static Principal principal(IdentitySql.Linked linked, Claimed claimed, long asOf) {
    return new Principal(
        linked.account().toString(),
        linked.roles(),
        linked.id().toString(),
        claimed.expiresAt(),
        false,
        null,
        Scopes.UNLIMITED,
        asOf);
  }

  private static ProblemException refused() {
    return new ProblemException(ProblemType.UNAUTHENTICATED, "The access token is not valid.");
  }
}
