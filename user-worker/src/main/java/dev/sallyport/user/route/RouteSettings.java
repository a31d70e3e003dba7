package dev.sallyport.user.route;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where routes come from, and which hosts have no waitlist. */
@ConfigMapping(prefix = "sallyport")
interface RouteSettings {
  Routing routes();

  /**
   * Hosts on which nothing is promised: {@code GET /} is 404 there unless a route names them. On
   * every other host that no route names there is the waitlist. Ports do not count.
   */
  @WithDefault("localhost,127.0.0.1,[::1]")
  List<String> hosts();

  /** The file. */
  interface Routing {
    /** {@code routes.json}, read again every ten seconds. Without it there are no routes. */
    Optional<Path> file();
  }
}
