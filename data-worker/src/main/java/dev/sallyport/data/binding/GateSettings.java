package dev.sallyport.data.binding;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Whom this worker believes. */
@ConfigMapping(prefix = "sallyport")
interface GateSettings {
  enum Trust {
    /** Only calls with a valid signature. */
    SIGNED,
    /** Whoever can connect: for a network that lets nothing but the user-worker in. */
    NETWORK
  }

  @WithDefault("signed")
  Trust trust();

  Signing signing();

  Binding binding();

  interface Signing {
    /**
     * The user-worker's keys, {@code kid:secret[,kid:secret]}, each secret 32 bytes or more in
     * base64url without padding; needed when {@link #trust} is {@code signed}.
     */
    Optional<String> keys();
  }

  interface Binding {
    /** The name by which the user-worker knows this worker; part of what is signed. */
    @WithDefault("BACKEND_SERVICE")
    String name();
  }
}
