package dev.sallyport.user.platform;

import dev.sallyport.model.UuidV7;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Where time and chance come in, so that a test can bring its own. */
final class Sources {
  private Sources() {}

  @Produces
  @Singleton
  static InstantSource clock() {
    return InstantSource.system();
  }

  @Produces
  @Singleton
  static Ticker ticker() {
    return System::nanoTime;
  }

  @Produces
  @Singleton
  static SecureRandom random() {
    return new SecureRandom();
  }

  @Produces
  @Singleton
  static UuidV7 ids(InstantSource clock, SecureRandom random) {
    return new UuidV7(clock, random);
  }
}
