package dev.sallyport.user.route;

/** Why a text is no {@code routes.json}. Says where, what was expected and what was found. */
final class RouteError extends Exception {
  private static final long serialVersionUID = 1;
  private static final int SHOWN_MAX = 100;

  private RouteError(String message) {
    super(message, null, false, false);
  }

  /**
   * @param place such as {@code routes[3].binding}
   */
  static RouteError at(String place, String expected, String found) {
    var shown = found.length() > SHOWN_MAX ? found.substring(0, SHOWN_MAX) + "…" : found;
    return new RouteError(place + ": expected " + expected + ", found " + shown);
  }

  static RouteError twice(String place, String first, String text) {
    return new RouteError(place + ": " + text + " is at " + first + " already");
  }

  static RouteError unreadable(String why) {
    return new RouteError(why);
  }
}
