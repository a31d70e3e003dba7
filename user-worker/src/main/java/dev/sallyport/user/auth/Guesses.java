package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows the guessing of passwords, address by address, whether or not the address has an account.
 * Strangers to an address share one count; a device that has signed in before has one of its own,
 * so that nobody can lock a person out of a device that they use. Blocks: for virtual threads.
 */
@ApplicationScoped
class Guesses {
  /** Attempts within a day that cost no wait: people mistype. */
  static final int FREE = 5;

  /** The wait doubles from one second up to this. */
  static final Duration WAIT_MAX = Duration.ofMinutes(15);

  /** For strangers, and as many again for known devices: 60 MB of rows when all are in use. */
  static final int SLOTS = 1 << 20;

  private final GuessSql sql;
  private final Devices devices;
  private final Database database;
  private final InstantSource clock;

  @Inject
  Guesses(GuessSql sql, Devices devices, Database database, InstantSource clock) {
    this.sql = sql;
    this.devices = devices;
    this.database = database;
    this.clock = clock;
  }

  /**
   * Tries a password, unless it is too early for another try.
   *
   * @param device the cookie of the device; null or a forged one is a stranger's
   * @param isRight looks at the password
   * @return whether it is right
   * @throws ProblemException {@code TOO_MANY_REQUESTS} with the time to wait, {@code STORE_DOWN}
   */
  boolean attempt(String email, @Nullable String device, BooleanSupplier isRight) {
    int slot = slot(email, device);
    var now = clock.instant();
    var counted = sql.count(slot, now, FREE, (int) WAIT_MAX.toSeconds());
    database.await(counted.toCompletionStage()).ifPresent(free -> refuse(now, free));
    boolean wrong = false;
    try {
      wrong = !isRight.getAsBoolean();
    } finally {
      if (!wrong) {
        database.await(sql.takeBack(slot, now).toCompletionStage());
      }
    }
    return !wrong;
  }

  private static void refuse(Instant now, Instant free) {
    var wait = Duration.between(now, free);
    throw new ProblemException(
        Problem.retryable(
            ProblemType.TOO_MANY_REQUESTS,
            "This address was tried too often with a wrong password: wait, or use a device that"
                + " has signed in before.",
            wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait));
  }

  private int slot(String email, @Nullable String device) {
    boolean known = device != null && devices.isOf(email, device);
    var hash = devices.hash(known ? "device " + email + " " + device : "address " + email);
    int slot = ByteBuffer.wrap(hash).getInt() & (SLOTS - 1);
    return known ? SLOTS + slot : slot;
  }
}
