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
  }
}
