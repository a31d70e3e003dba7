package dev.sallyport.user.binding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The private services that this worker may call, by name. */
@ConfigMapping(prefix = "sallyport")
interface BindingSettings {
  Map<String, One> bindings();

  Signing signing();

  /** {@code signed}: calls carry a signature. {@code network}: whoever can connect is trusted. */
  @WithDefault("signed")
  Trust trust();

  enum Trust {
    SIGNED,
    NETWORK
  }

  interface Signing {
    /** {@code kid:secret[,kid:secret]}: the first signs. See {@code SigningKeys}. */
    Optional<String> keys();
  }

  /** One private service. */
  interface One {
    /** Where it is: {@code http://host:port} or {@code https://host:port}. */
    URI url();

    /**
     * Where the requests of routes begin at it: {@code /site} makes {@code /a} there {@code
     * /site/a}. Nothing else is touched by it.
     */
    Optional<String> entrypoint();

    /**
     * The Quarkus TLS configuration ({@code quarkus.tls.<name>}) for an https address. Workers that
     * are called at addresses of their own need those in their certificates.
     */
    Optional<String> tls();

    /** From the last byte of a request to the head of its answer. */
    @WithDefault("PT10S")
    Duration timeout();

    /** How long a connection may take to open. */
    @WithDefault("PT1S")
    Duration connectTimeout();

    /** How long a body may stand still, either way, before the call is given up. */
    @WithDefault("PT30S")
    Duration silence();

    /**
     * Connections that calls share: this many to its own address, and to each worker that is called
     * at another because it owns what is called. So with the three below.
     */
    @WithDefault("256")
    int connectionsMax();

    /**
     * Connections for bodies that stream, which a slow client may hold for long: apart, so that
     * they starve only each other.
     */
    @WithDefault("256")
    int streamsMax();

    /** Calls that may wait for a connection; more are refused at once. */
    @WithDefault("1024")
    int waitingMax();

    /** Tunnelled WebSockets; each holds one connection. */
    @WithDefault("20000")
    int tunnelsMax();

    /**
     * Calls that may wait for the head of an answer, with a connection or for one, at whatever
     * address; more are refused at once. Upgrades have {@code tunnels-max} instead.
     */
    @WithDefault("2000")
    int callsMax();

    /** How often one call is made again at the most, where that does no harm; 0 for never. */
    @WithDefault("1")
    int retries();

    /** How many of a hundred calls are made again at the most. */
    @WithDefault("10")
    int retryPercent();

    /** What is asked every second to know whether it is there: a GET, signed. */
    @WithDefault("/api/internal/ping")
    String healthPath();

    BreakerSettings breaker();
  }

  /** When calls to an address that fails are stopped: see {@link Breaker}. */
  interface BreakerSettings {
    /** Failures in a row that open it. */
    @WithDefault("3")
    int failures();

    /** How many of the last results are remembered; at most 64. */
    @WithDefault("20")
    int window();

    /** Of a full window, how many in a hundred have to be failures to open it. */
    @WithDefault("50")
    int failurePercent();

    /** How long it refuses calls at the most before it lets one try. */
    @WithDefault("PT60S")
    Duration openFor();

    /** How often it is probed while it is open, and how long a probe may take. */
    @WithDefault("PT1S")
    Duration probeEvery();
  }
}
