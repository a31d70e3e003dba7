package dev.sallyport.user.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All routes, in the order in which they are tried: the longest path, then the very domain, then
 * the longest wildcard. What a look-up costs depends on the request's segments and labels, not on
 * how many routes there are. Immutable.
 */
final class RouteTable {
  static final RouteTable EMPTY = new RouteTable(List.of());

  private final Map<String, Route> byPath = new HashMap<>();
  private final Map<String, Route> byDomain = new HashMap<>();
  private final Map<String, Route> byParent = new HashMap<>();

  /**
   * @param routes no two of them with the same key
   */
  RouteTable(List<Route> routes) {
    for (var route : routes) {
      switch (route.key()) {
        case Route.Key.PathPrefix(var prefix) -> byPath.put(prefix, route);
        case Route.Key.Domain(var domain) -> byDomain.put(domain, route);
        case Route.Key.Wildcard(var parent) -> byParent.put(parent, route);
      }
    }
  }

  int size() {
    return byPath.size() + byDomain.size() + byParent.size();
  }

  /**
   * The route with the longest prefix.
   *
   * @param path with its escapes undone
   */
  Optional<Route> byPath(String path) {
    int end = path.length();
    while (end > 0 && !byPath.isEmpty()) {
      var route = byPath.get(path.substring(0, end));
      if (route != null) {
        return Optional.of(route);
      }
      end = path.lastIndexOf('/', end - 1);
    }
    return Optional.empty();
  }

  /** The route that names this host, or else the nearest of its parents. */
  Optional<Route> byHost(HostName host) {
    var exact = byDomain.get(host.text());
    return exact != null || byParent.isEmpty()
        ? Optional.ofNullable(exact)
        : Optional.ofNullable(byParent(host.text()));
  }

  private @Nullable Route byParent(String name) {
    int dot = name.indexOf('.');
    while (dot >= 0) {
      var route = byParent.get(name.substring(dot + 1));
      if (route != null) {
        return route;
      }
      dot = name.indexOf('.', dot + 1);
    }
    return null;
  }
}
