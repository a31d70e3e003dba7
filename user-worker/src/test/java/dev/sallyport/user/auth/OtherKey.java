package dev.sallyport.user.auth;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The given settings, but for the key that seals the signing keys. */
record OtherKey(AuthSettings settings) implements AuthSettings {
  @Override
  public Optional<String> keyEncryptionKey() {
    return Optional.of("A".repeat(43));
  }

  @Override
  public String issuer() {
    return settings.issuer();
  }

  @Override
  public String audience() {
    return settings.audience();
  }

  @Override
  public Duration accessTokenLifetime() {
    return settings.accessTokenLifetime();
  }

  @Override
  public Duration sessionLifetime() {
    return settings.sessionLifetime();
  }

  @Override
  public Duration signingKeyLifetime() {
    return settings.signingKeyLifetime();
  }

  @Override
  public Map<String, Issuer> issuers() {
    return settings.issuers();
  }

  @Override
  public int rememberedMax() {
    return settings.rememberedMax();
  }

  @Override
  public boolean secureCookie() {
    return settings.secureCookie();
  }
}
