package dev.sallyport.user.route;

import dev.sallyport.model.News;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The routes that hold now. A look-up reads memory and never waits; ten seconds after they were
 * last looked at they are looked at again in the background: this worker's own file, then what
 * other user-workers say in Redis, and the newer of both is used. Thread-safe.
 */
@ApplicationScoped
public class Routes {
  /** Where visitors leave their address, on every host. */
  public static final String WAITLIST = "/waitlist";

  static final Duration FRESH_FOR = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(Routes.class);
  private static final Set<String> WAITLIST_PATHS = Set.of("/", WAITLIST);

  private final @Nullable RouteFile file;
  private final @Nullable SharedRoutes shared;
  private final RouteScript redis;
  private final Set<String> hosts;
  private final Vertx vertx;
  private final News sharing;
  private final News refusing;
  private final Counter foreign;

  private volatile Edition own = Edition.NONE;
  private volatile @Nullable Edition adopted;
  private volatile Edition inUse = Edition.NONE;
  private volatile @Nullable String trouble;
  private volatile boolean everUsable;
  private volatile boolean stopped;

  @Inject
  Routes(
      RouteSettings settings,
      RouteTargets targets,
      RouteScript redis,
      InstantSource clock,
      Ticker ticker,
      Vertx vertx,
      MeterRegistry metrics) {
    this.hosts =
        settings.hosts().stream().map(Routes::host).collect(Collectors.toUnmodifiableSet());
    var path = settings.routes().file().orElse(null);
    var reader = new RouteReader(targets::has);
    this.file = path == null ? null : new RouteFile(path, reader, clock);
    this.shared =
        targets.signingKeys().map(keys -> new SharedRoutes(keys, reader, clock)).orElse(null);
    this.redis = redis;
    this.vertx = vertx;
    this.sharing = new News(ticker::nanos);
    this.refusing = new News(ticker::nanos);
    this.foreign =
        Counter.builder("sallyport_route_shared_refused")
            .description("Texts about routes in Redis that were not taken")
            .register(metrics);
    Gauge.builder("sallyport_route_table_size", this, routes -> routes.inUse.table().size())
        .description("Routes that hold now")
        .register(metrics);
    Gauge.builder("sallyport_route_file_usable", this, routes -> routes.trouble == null ? 1 : 0)
        .description("0 while routes.json is one that cannot be taken, so that the last one holds")
        .register(metrics);
  }

  private static String host(String setting) {
    return HostName.parse(setting)
        .orElseThrow(() ->
            new ConfigurationException(
                "sallyport.hosts (SALLYPORT_HOSTS) must be hosts such as localhost or [::1], not "
                    + setting))
        .text();
  }

  /** Why there have never been any routes although there should be; empty once there were. */
  Optional<String> neverUsable() {
    return everUsable ? Optional.empty() : Optional.ofNullable(trouble);
  }

  void start(@Observes StartupEvent start) {
    if (file != null) {
      // On this thread: the first request finds its route.
      readFile(file);
      share().onComplete(done -> lookAgainLater());
    }
  }

  void stop(@Observes ShutdownEvent stop) {
    stopped = true;
  }

  private void lookAgainLater() {
    vertx.setTimer(
        FRESH_FOR.toMillis(),
        due -> {
          if (!stopped) {
            refresh().onComplete(done -> lookAgainLater());
          }
        });
  }

  /** Looks at the file and at what others say. Never fails. */
  Future<Void> refresh() {
    var ours = file;
    return ours == null
        ? Future.succeededFuture()
        : vertx
            .executeBlocking(() -> {
              readFile(ours);
              return true;
            })
            .compose(read -> share());
  }

  private void readFile(RouteFile file) {
    try {
      own = file.read();
      trouble = null;
      everUsable = true;
      use();
    } catch (RouteError e) {
      var why = String.valueOf(e.getMessage());
      if (!why.equals(trouble)) {
        LOG.errorf("routes.json is not taken, the routes before it stay: %s", why);
      }
      trouble = why;
    }
  }

  private Future<Void> share() {
    return shared == null
        ? Future.succeededFuture()
        : redis
            .read()
            .compose(found -> consider(shared, found))
            .transform(done -> {
              tell(done.failed() ? done.cause() : null);
              return Future.succeededFuture();
            });
  }

  private void tell(@Nullable Throwable failure) {
    if (failure == null) {
      if (sharing.over()) {
        LOG.info("routes are shared again");
      }
    } else if (sharing.is("away")) {
      LOG.warnf("Redis is away: this worker keeps the routes it has (%s)", failure.getMessage());
    }
  }

  /** Takes what is newer than ours, and says what ours is where nobody has a newer one. */
  private Future<Void> consider(SharedRoutes shared, Buffer found) {
    var said = said(shared, found);
    var others = said.map(SharedRoutes.Said::edition).filter(edition -> edition.supersedes(own));
    adopted = others.orElse(null);
    use();
    boolean known =
        said.filter(one -> one.isFresh() && one.edition().text().equals(own.text())).isPresent();
    return others.isPresent() || known || own.equals(Edition.NONE)
        ? Future.succeededFuture()
        : redis.replace(found, shared.seal(own));
  }

  private Optional<SharedRoutes.Said> said(SharedRoutes shared, Buffer found) {
    if (found.length() == 0) {
      return Optional.empty();
    }
    try {
      return shared.open(found.toString(StandardCharsets.UTF_8));
    } catch (RouteError e) {
      foreign.increment();
      var why = String.valueOf(e.getMessage());
      if (refusing.is(why)) {
        LOG.warnf("what Redis says of routes is not taken: %s", why);
      }
      return Optional.empty();
    }
  }

  private synchronized void use() {
    var others = adopted;
    var best = others != null && others.supersedes(own) ? others : own;
    everUsable |= !best.equals(Edition.NONE);
    if (!best.equals(inUse)) {
      inUse = best;
      LOG.infof(
          "%d routes hold, from %s",
          best.table().size(), best.equals(own) ? "this worker's file" : "another user-worker's");
    }
  }

  /**
   * Where a request goes that is for none of this worker's own paths.
   *
   * @param path as sent; plain, see the edge
   * @param authority the value of the {@code Host} header
   * @throws ProblemException {@code BAD_REQUEST} where that is needed and none
   */
  public RouteMatch match(String path, @Nullable String authority) {
    var plain = Escapes.undone(path);
    if (ReservedPaths.have(plain)) {
      return new RouteMatch.Nowhere();
    }
    var table = inUse.table();
    return table
        .byPath(plain)
        .<RouteMatch>map(RouteMatch.Routed::new)
        .orElseGet(() -> matchHost(table, path, authority));
  }

  private RouteMatch matchHost(RouteTable table, String path, @Nullable String authority) {
    if (authority == null || authority.isEmpty()) {
      return new RouteMatch.Nowhere();
    }
    var host =
        HostName.parse(authority)
            .orElseThrow(
                () -> new ProblemException(ProblemType.BAD_REQUEST, "The Host header is no host."));
    var route = table.byHost(host);
    if (route.isPresent()) {
      return new RouteMatch.Routed(route.get());
    }
    return WAITLIST_PATHS.contains(path) && !hosts.contains(host.text())
        ? new RouteMatch.Waitlist()
        : new RouteMatch.Nowhere();
  }
}
