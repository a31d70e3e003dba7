package dev.sallyport.user.auth;

import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A caller whose credential was found good. Immutable.
 *
 * @param rolesText sorted, comma-separated, as it goes to the private side
 * @param sessionId what the credential ends with: its session, or the API key
 * @param expiresAt when the credential ends by itself
 * @param byCookie whether a browser attached the credential without being asked
 * @param keyId the API key that the caller came with, or that made its ticket; null for others
 * @param scopes what the credential may be used for; {@link Scopes#UNLIMITED} without a key
 * @param asOf the last revocation that was known before a store was asked about the credential: a
 *     later one of {@code sessionId} makes this stale. Zero for a session, whose end is final
 */
public record Principal(
    String userId,
    String rolesText,
    String sessionId,
    Instant expiresAt,
    boolean byCookie,
    @Nullable String keyId,
    Scopes scopes,
    long asOf) {
  private static final String KEY = "sallyport.principal";

  /** Somebody with a session. */
  public Principal(
      String userId, String rolesText, String sessionId, Instant expiresAt, boolean byCookie) {
    this(userId, rolesText, sessionId, expiresAt, byCookie, null, Scopes.UNLIMITED, 0);
  }

  /** A program with an API key. */
  static Principal ofKey(
      String userId, String rolesText, String keyId, Instant expiresAt, Scopes scopes, long asOf) {
    return new Principal(userId, rolesText, keyId, expiresAt, false, keyId, scopes, asOf);
  }

  /** Lets a resource that serves this request find its caller. */
  public void attachTo(RoutingContext context) {
    context.put(KEY, this);
  }

  /** The caller of this request; null for an anonymous one. */
  public static @Nullable Principal of(RoutingContext context) {
    return context.get(KEY);
  }

  /** The caller of a request that the edge admits nobody to without a credential. */
  static Principal caller(RoutingContext context) {
    return Objects.requireNonNull(of(context), "the edge admits no anonymous caller");
  }

  /** Whether the caller has this role. */
  public boolean hasRole(String role) {
    return roles(rolesText).contains(role);
  }

  static List<String> roles(String rolesText) {
    return rolesText.isEmpty() ? List.of() : Arrays.asList(rolesText.split(",", -1));
  }
}
