package dev.sallyport.user.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.Arrays;

/** Who is on the other end, as far as we can know. Pure. */
final class ClientAddress {
  private static final int TEXT_MAX = 64;

  private ClientAddress() {}

  /**
   * The address that the outermost of {@code trustedHops} proxies saw: each proxy appends the peer
   * it saw to {@code X-Forwarded-For}, so only the last {@code trustedHops} entries were written by
   * ours. With no trusted proxy, or fewer entries than there should be, it is the peer itself.
   */
  static String of(HttpServerRequest request, int trustedHops) {
    var remote = request.remoteAddress();
    var peer = remote == null || remote.hostAddress() == null ? "unknown" : remote.hostAddress();
    return trustedHops == 0 ? peer : of(request.headers(), peer, trustedHops);
  }

  static String of(MultiMap headers, String peer, int trustedHops) {
    var hops = new ArrayList<String>();
    for (var value : headers.getAll("X-Forwarded-For")) {
      Arrays.stream(value.split(",", -1)).map(String::strip).forEach(hops::add);
    }
    int at = hops.size() - trustedHops;
    return at >= 0 && isAddress(hops.get(at)) ? hops.get(at) : peer;
  }

  private static boolean isAddress(String text) {
    return !text.isEmpty()
        && text.length() <= TEXT_MAX
        && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == '.' || c == ':');
  }
}
