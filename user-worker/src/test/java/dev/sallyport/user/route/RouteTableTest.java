package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RouteTableTest {
  private static Route route(Route.Key key) {
    return new Route(key, "B", Requirement.ANONYMOUS, null);
  }

  private static RouteTable table(String... keys) {
    return new RouteTable(
        Stream.of(keys).map(RouteTableTest::key).map(RouteTableTest::route).toList());
  }

  private static Route.Key key(String text) {
    if (text.startsWith("/")) {
      return new Route.Key.PathPrefix(text);
    }
    return text.startsWith("*.")
        ? new Route.Key.Wildcard(text.substring(2))
        : new Route.Key.Domain(text);
  }

  private static String found(Optional<Route> route) {
    return route.map(it -> it.key().text()).orElse("none");
  }

  @Test
  void theLongestPathOfWholeSegmentsWins() {
    var table = table("/shop", "/shop/cart", "/s");
    assertThat(found(table.byPath("/shop"))).isEqualTo("/shop");
    assertThat(found(table.byPath("/shop/"))).isEqualTo("/shop");
    assertThat(found(table.byPath("/shop/cart/1"))).isEqualTo("/shop/cart");
    assertThat(found(table.byPath("/shop/carts"))).isEqualTo("/shop");
    assertThat(found(table.byPath("/shopping"))).isEqualTo("none");
    assertThat(found(table.byPath("/"))).isEqualTo("none");
    assertThat(found(table.byPath("/Shop"))).isEqualTo("none");
  }

  @Test
  void theVeryHostWinsOverTheNearestParent() {
    var table = table("a.example", "*.example", "*.a.example");
    assertThat(found(table.byHost(new HostName("a.example")))).isEqualTo("a.example");
    assertThat(found(table.byHost(new HostName("b.example")))).isEqualTo("*.example");
    assertThat(found(table.byHost(new HostName("b.a.example")))).isEqualTo("*.a.example");
    assertThat(found(table.byHost(new HostName("c.b.a.example")))).isEqualTo("*.a.example");
    assertThat(found(table.byHost(new HostName("example")))).isEqualTo("none");
    assertThat(found(table.byHost(new HostName("aexample")))).isEqualTo("none");
  }

  /** The same by trying every route there is. */
  private static String slowlyByPath(List<Route> routes, String path) {
    return routes.stream()
        .map(it -> it.key().text())
        .filter(key -> key.startsWith("/"))
        .filter(key -> path.equals(key) || path.startsWith(key + "/"))
        .max(Comparator.comparingInt(String::length))
        .orElse("none");
  }

  private static String slowlyByHost(List<Route> routes, String host) {
    var keys = routes.stream().map(it -> it.key().text()).toList();
    return keys.contains(host)
        ? host
        : keys.stream()
            .filter(key -> key.startsWith("*.") && host.endsWith(key.substring(1)))
            .max(Comparator.comparingInt(String::length))
            .orElse("none");
  }

  @Test
  void itFindsWhatTryingEveryRouteFinds() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var keys = new ArrayList<Route.Key>();
      for (int i = random.nextInt(12); i > 0; i--) {
        keys.add(key(path(random)));
        keys.add(key((random.nextBoolean() ? "*." : "") + host(random)));
      }
      var routes = keys.stream().distinct().map(RouteTableTest::route).toList();
      var table = new RouteTable(routes);
      assertThat(table.size()).isEqualTo(routes.size());
      for (int i = 0; i < 20; i++) {
        var path = path(random) + (random.nextInt(4) == 0 ? "/" : "");
        var host = host(random);
        assertThat(found(table.byPath(path)))
            .as("seed %d: %s in %s", seed, path, keys)
            .isEqualTo(slowlyByPath(routes, path));
        assertThat(found(table.byHost(new HostName(host))))
            .as("seed %d: %s in %s", seed, host, keys)
            .isEqualTo(slowlyByHost(routes, host));
      }
    }
  }

  private static String path(Random random) {
    return "/" + String.join("/", words(random));
  }

  private static String host(Random random) {
    return String.join(".", words(random));
  }

  private static List<String> words(Random random) {
    return random
        .ints(1 + random.nextInt(4), 0, 3)
        .mapToObj(i -> "abc".substring(0, i + 1))
        .toList();
  }
}
