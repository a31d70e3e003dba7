package dev.sallyport.user.edge;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which headers pass, each way. Towards the private side an allow-list: a header that is not named
 * here does not exist there, however it is spelled and whatever {@code Connection} says of it. Back
 * to the client everything but what belongs to one connection and what only we may say. Pure.
 */
final class HeaderRules {
  private HeaderRules() {}

  /** Sent on as often as they came. */
  private static final List<CharSequence> REPEATABLE =
      names(
          "Accept",
          "Accept-Charset",
          "Accept-Encoding",
          "Accept-Language",
          "Content-Encoding",
          "Content-Language",
          "If-Match",
          "If-None-Match",
          "tracestate");

  /** Sent on once; a repeated one is refused, since the other side might read another of them. */
  private static final List<CharSequence> SINGLE =
      names(
          "Content-Disposition",
          "Content-Location",
          "Content-Range",
          "Content-Type",
          "Idempotency-Key",
          "If-Modified-Since",
          "If-Range",
          "If-Unmodified-Since",
          "Last-Event-ID",
          "Range",
          "traceparent");

  private static final List<CharSequence> HANDSHAKE =
      names("Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Version");

  /** RFC 9110, 7.6.1. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final CharSequence SUBPROTOCOL =
      HttpHeaders.createOptimized("Sec-WebSocket-Protocol");

  private static List<CharSequence> names(String... names) {
    return Arrays.stream(names).map(HttpHeaders::createOptimized).toList();
  }

  /** The names of what a client may say to the private side. */
  static Stream<CharSequence> passedToPrivate() {
    return Stream.concat(REPEATABLE.stream(), SINGLE.stream());
  }

  /** The client's headers that a call to the private side carries. */
  static MultiMap towardsPrivate(MultiMap client) {
    var passed = HttpHeaders.headers();
    for (var name : REPEATABLE) {
      for (var value : client.getAll(name)) {
        passed.add(name, value);
      }
    }
    for (var name : SINGLE) {
      if (client.contains(name)) {
        passed.set(name, only(client, name));
      }
    }
    return passed;
  }

  /** The same for an upgrade: the handshake passes too, less what no browser needs to offer. */
  static MultiMap towardsPrivateSocket(MultiMap client) {
    var passed = towardsPrivate(client);
    passed.set(HttpHeaders.UPGRADE, "websocket").set(HttpHeaders.CONNECTION, "Upgrade");
    for (var name : HANDSHAKE) {
      for (var value : client.getAll(name)) {
        passed.add(name, value);
      }
    }
    var offered = subprotocols(client);
    if (!offered.isEmpty()) {
      passed.set(SUBPROTOCOL, String.join(", ", offered));
    }
    return passed;
  }

  /**
   * The subprotocols on offer, less any with a {@code #}, plain or encoded: Quarkus could be told
   * to read headers out of those.
   */
  private static List<String> subprotocols(MultiMap client) {
    return client.getAll(SUBPROTOCOL).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .filter(offer -> !offer.isEmpty() && !offer.contains("#"))
        .filter(offer -> !offer.toLowerCase(Locale.ROOT).contains("%23"))
        .toList();
  }

  /**
   * Drops the offers above from the client's own request too, before anything can route by them.
   */
  static void cleanSubprotocols(MultiMap client) {
    if (client.contains(SUBPROTOCOL)) {
      var offered = subprotocols(client);
      client.remove(SUBPROTOCOL);
      if (!offered.isEmpty()) {
        client.set(SUBPROTOCOL, String.join(", ", offered));
      }
    }
  }

  /** Copies a private answer's headers, less those of that connection. */
  static void towardsClient(MultiMap answer, MultiMap client) {
    var named = namedByConnection(answer.getAll(HttpHeaders.CONNECTION));
    answer.forEach((name, value) -> {
      var lower = name.toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(lower) && !named.contains(lower) && !isOurs(lower)) {
        client.add(name, value);
      }
    });
  }

  private static boolean isOurs(String lower) {
    return lower.equals("x-request-id")
        || lower.startsWith("x-sallyport-")
        || lower.startsWith("access-control-");
  }

  private static Set<String> namedByConnection(List<String> connection) {
    if (connection.isEmpty()) {
      return Set.of();
    }
    var named = new HashSet<String>();
    for (var value : connection) {
      for (var name : value.toLowerCase(Locale.ROOT).split(",", -1)) {
        named.add(name.strip());
      }
    }
    return named;
  }

  /** Whether a header names {@code word} in its list, in any case. */
  static boolean lists(MultiMap headers, CharSequence name, String word) {
    return headers.getAll(name).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .anyMatch(listed -> listed.strip().equalsIgnoreCase(word));
  }

  /** The value of a header that may come once. */
  static @Nullable String only(MultiMap headers, CharSequence name) {
    var values = headers.getAll(name);
    if (values.size() > 1) {
      throw new ProblemException(ProblemType.BAD_REQUEST, "There are two " + name + " headers.");
    }
    return values.isEmpty() ? null : values.getFirst();
  }
}
