package dev.sallyport.user.auth;

import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a credential may be used for. {@code read} is requests that change nothing, {@code write} is
 * all requests; {@code read:/api/…} and {@code write:/api/…} are those to that path and below it. A
 * WebSocket can say anything, so opening one is writing.
 *
 * <p>Paths are compared as they are sent: another spelling of an allowed path is refused, never the
 * other way round. Immutable.
 */
public final class Scopes {
  /** Everything, managing the account included: what a person has who signed in. */
  public static final Scopes UNLIMITED = new Scopes(List.of());

  static final int MAX = 20;
  static final int LENGTH_MAX = 200;

  private static final Pattern FORM =
      Pattern.compile("(read|write)(:/api(/[A-Za-z0-9._~%@!$&'()*+,=:-]+)*)?");
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private static final String ACCOUNTS = "/auth/";
  private static final String ME = "/auth/me";
  private static final String TICKETS = "/auth/tickets";

  /**
   * One scope.
   *
   * @param path empty for all paths
   */
  private record Scope(boolean writes, String path) {
    static Scope of(String text) {
      int colon = text.indexOf(':');
      return new Scope(text.startsWith("write"), colon < 0 ? "" : text.substring(colon + 1));
    }

    boolean covers(String asked, boolean changes) {
      return (writes || !changes)
          && asked.startsWith(path)
          && (path.isEmpty()
              || asked.length() == path.length()
              || asked.charAt(path.length()) == '/');
    }
  }

  private final List<String> texts;
  private final List<Scope> scopes;

  private Scopes(List<String> texts) {
    this.texts = List.copyOf(texts);
    this.scopes = texts.stream().map(Scope::of).toList();
  }

  /** Whether this is how a scope is written. */
  static boolean isScope(String text) {
    return text.length() <= LENGTH_MAX && FORM.matcher(text).matches();
  }

  /** Those of a key: at least one, each of them {@link #isScope}. */
  static Scopes of(List<String> texts) {
    if (texts.isEmpty() || !texts.stream().allMatch(Scopes::isScope)) {
      throw new IllegalArgumentException("a key has scopes, each like read or write:/api/queues");
    }
    return new Scopes(texts);
  }

  /** As a row has them. */
  static Scopes parse(String stored) {
    return of(Arrays.asList(stored.split(" ", -1)));
  }

  /** As a row has them. */
  String stored() {
    return String.join(" ", texts);
  }

  /** As they were asked for; empty for {@link #UNLIMITED}. */
  public List<String> list() {
    return texts;
  }

  /**
   * Whether a request is within them. What manages an account is in none of a key's, so that a copy
   * of a key cannot make itself another one.
   *
   * @param path as sent, without the query
   * @param upgrade whether the request opens a WebSocket
   */
  public boolean permit(HttpMethod method, String path, boolean upgrade) {
    if (scopes.isEmpty()) {
      return true;
    }
    boolean changes = upgrade || !SAFE.contains(method);
    if (path.startsWith(ACCOUNTS)) {
      // A ticket has the scopes of its key.
      return path.equals(TICKETS) || (path.equals(ME) && !changes);
    }
    return scopes.stream().anyMatch(scope -> scope.covers(path, changes));
  }

  @Override
  public String toString() {
    return scopes.isEmpty() ? "unlimited" : stored();
  }
}
