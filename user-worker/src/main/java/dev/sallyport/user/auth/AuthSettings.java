package dev.sallyport.user.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How people prove who they are, and for how long that holds. */
@ConfigMapping(prefix = "sallyport.auth")
interface AuthSettings {
  /** {@code iss} of the tokens we sign. */
  @WithDefault("sallyport")
  String issuer();

  /** {@code aud} of the tokens we sign and take. */
  @WithDefault("sallyport")
  String audience();

  @WithDefault("PT15M")
  Duration accessTokenLifetime();

  /** How long a session can be refreshed, counted from sign-in. */
  @WithDefault("P30D")
  Duration sessionLifetime();

  /**
   * 32 bytes, base64url without padding: encrypts the private signing keys in Postgres. Without it
   * nobody can sign in.
   */
  Optional<String> keyEncryptionKey();

  /** Verified credentials remembered at a time, about 300 bytes each. */
  @WithDefault("20000")
  int rememberedMax();

  /** Whether the session cookie is sent over TLS only. */
  @WithDefault("true")
  boolean secureCookie();
}
