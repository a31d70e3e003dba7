package dev.sallyport.user.route;

/** Where a request goes that is for none of this worker's own paths. */
public sealed interface RouteMatch {
  /** To the binding of this route. */
  record Routed(Route route) implements RouteMatch {}

  /** To the page on which visitors leave their address. */
  record Waitlist() implements RouteMatch {}

  /** Nowhere. */
  record Nowhere() implements RouteMatch {}
}
