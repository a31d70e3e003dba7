package dev.sallyport.user.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The target of an upgrade, and the tickets that were in it. A ticket is a credential: from here on
 * the target is without, so that nobody signs, sends on or writes down what opens a socket.
 * Immutable.
 *
 * @param rest every other parameter in its place, byte for byte; without a query where nothing else
 *     was in it
 * @param tickets in the order in which they came
 */
record TicketedTarget(RequestTarget rest, List<String> tickets) {
  /** With any letter encoded too: whoever decodes it later must not find a ticket. */
  private static final Pattern NAME =
      Pattern.compile("(t|%74)(i|%69)(c|%63)(k|%6[bB])(e|%65)(t|%74)");

  TicketedTarget {
    tickets = List.copyOf(tickets);
  }

  static TicketedTarget of(RequestTarget target) {
    var query = target.query();
    // Only a hint, but one that spares nearly every upgrade the rest.
    if (query == null || !mayName(query)) {
      return new TicketedTarget(target, List.of());
    }
    var tickets = new ArrayList<String>();
    var others = new ArrayList<String>();
    for (var parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      var name = equals < 0 ? parameter : parameter.substring(0, equals);
      if (NAME.matcher(name).matches()) {
        tickets.add(equals < 0 ? "" : parameter.substring(equals + 1));
      } else {
        others.add(parameter);
      }
    }
    var rest = others.isEmpty() ? null : String.join("&", others);
    return new TicketedTarget(new RequestTarget(target.path(), rest), tickets);
  }

  private static boolean mayName(String query) {
    return query.contains("ticket") || query.indexOf('%') >= 0;
  }
}
