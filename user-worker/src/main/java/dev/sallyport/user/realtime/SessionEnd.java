package dev.sallyport.user.realtime;

import dev.sallyport.user.auth.Sessions;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;

/** A socket ends with the session that opened it. */
final class SessionEnd {
  private SessionEnd() {}

  static void watch(@Observes StartupEvent start, Sessions sessions, Tunnels tunnels) {
    sessions.onEnd(tunnels::closeSession);
  }
}
