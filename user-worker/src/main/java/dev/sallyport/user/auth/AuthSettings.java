package dev.sallyport.user.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  /** After how long another key signs. Zero keeps the first one. */
  @WithDefault("P90D")
  Duration signingKeyLifetime();

  /** Others whose tokens are taken too, by a name that means nothing. */
  Map<String, Issuer> issuers();

  /** One of them. */
  interface Issuer {
    /** {@code iss} of its tokens. */
    String url();

    /** Where it publishes its keys (RFC 7517). */
    String jwksUrl();

    /** What must be among {@code aud} of its tokens. */
    String audience();

    /** What it may sign with: ES256, ES384, ES512, EdDSA, and PS and RS with 256, 384, 512. */
    @WithDefault("ES256,RS256")
    List<String> algorithms();

    /**
     * Whether its {@code email_verified} is believed: then whoever it says has the address of an
     * account here has that account.
     */
    @WithDefault("false")
    boolean trustEmail();
  }

  /** Verified credentials remembered at a time, about 300 bytes each. */
  @WithDefault("20000")
  int rememberedMax();

  /** Whether the session cookie is sent over TLS only. */
  @WithDefault("true")
  boolean secureCookie();
}
