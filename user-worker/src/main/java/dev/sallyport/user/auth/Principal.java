package dev.sallyport.user.auth;

import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller whose credential was found good. Immutable.
 *
 * @param rolesText sorted, comma-separated, as it goes to the private side
 * @param expiresAt when the credential ends by itself
 * @param byCookie whether a browser attached the credential without being asked
 */
public record Principal(
    String userId, String rolesText, String sessionId, Instant expiresAt, boolean byCookie) {
  private static final String KEY = "sallyport.principal";

  /** Lets a resource that serves this request find its caller. */
  public void attachTo(RoutingContext context) {
    context.put(KEY, this);
  }

  /** The caller of this request; null for an anonymous one. */
  public static @Nullable Principal of(RoutingContext context) {
    return context.get(KEY);
  }

  /** Whether the caller has this role. */
  public boolean hasRole(String role) {
    return roles(rolesText).contains(role);
  }

  static List<String> roles(String rolesText) {
    return rolesText.isEmpty() ? List.of() : Arrays.asList(rolesText.split(",", -1));
  }
}
