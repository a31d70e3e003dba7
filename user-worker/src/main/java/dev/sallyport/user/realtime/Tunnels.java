package dev.sallyport.user.realtime;

import dev.sallyport.model.UnderWay;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.auth.Sessions;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.SocketDoor;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The tunnels, by the session or key that opened them; each ends with it. Thread-safe. */
@ApplicationScoped
class Tunnels implements SocketDoor {
  private final Sessions sessions;
  private final UnderWay open = new UnderWay();
  private final ConcurrentHashMap<String, Set<Tunnel>> bySession = new ConcurrentHashMap<>();

  @Inject
  Tunnels(Sessions sessions, MeterRegistry metrics) {
    this.sessions = sessions;
    Gauge.builder("sallyport_realtime_tunnels", this, Tunnels::count)
        .description("WebSockets tunnelled to the private side now, and those being opened")
        .register(metrics);
  }

  /** How many there are, those that are being opened included. */
  int count() {
    return bySession.values().stream().mapToInt(Set::size).sum();
  }

  void start(@Observes StartupEvent start) {
    sessions.onEnd(this::closeSession);
  }

  @Override
  public void open(RoutingContext context, Binding binding, BindingCall call, String session) {
    var tunnel = new Tunnel(context, gone -> forget(session, gone));
    remember(session, tunnel);
    // The session may have ended after its credential was checked and before we would be told.
    if (sessions.hasEnded(Objects.requireNonNull(Principal.of(context)))) {
      tunnel.end(Farewell.SESSION_ENDED);
    } else if (open.isLeaving()) {
      tunnel.end(Farewell.COME_BACK);
    } else {
      tunnel.open(binding, call);
    }
  }

  private void remember(String session, Tunnel tunnel) {
    open.begin();
    bySession.compute(
        session,
        (id, before) -> {
          Set<Tunnel> tunnels = before == null ? ConcurrentHashMap.newKeySet() : before;
          tunnels.add(tunnel);
          return tunnels;
        });
  }

  private void forget(String session, Tunnel tunnel) {
    bySession.computeIfPresent(
        session,
        (id, tunnels) -> {
          tunnels.remove(tunnel);
          return tunnels.isEmpty() ? null : tunnels;
        });
    open.end();
  }

  @Override
  public void closeAll() {
    open.leave();
    bySession
        .values()
        .forEach(tunnels -> tunnels.forEach(tunnel -> tunnel.endSoon(Farewell.COME_BACK)));
  }

  @Override
  public boolean awaitClosed(Duration patience) throws InterruptedException {
    return open.awaitNothing(patience);
  }

  private void closeSession(String session) {
    bySession
        .getOrDefault(session, Set.of())
        .forEach(tunnel -> tunnel.endSoon(Farewell.SESSION_ENDED));
  }
}
