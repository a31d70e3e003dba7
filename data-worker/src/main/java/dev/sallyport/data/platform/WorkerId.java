package dev.sallyport.data.platform;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.HexFormat;

/** This worker's name, the same from start to stop. Immutable. */
@Singleton
public final class WorkerId {
  private static final int RANDOM_BYTES = 4;

  private final String value;

  @Inject
  WorkerId(WorkerSettings settings) {
    this.value = settings.id().orElseGet(WorkerId::random);
  }

  private static String random() {
    var bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Eight hexadecimal digits, or what the operator chose. */
  public String value() {
    return value;
  }
}
