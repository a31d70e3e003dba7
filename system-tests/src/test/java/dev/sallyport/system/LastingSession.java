package dev.sallyport.system;

import java.time.Duration;
import java.util.function.Supplier;

/** A session of one account that is opened anew before its token ends. Thread-safe. */
final class LastingSession implements Supplier<Accounts.Session> {
  private static final Duration ANEW_AFTER = Duration.ofMinutes(10);

  private final Accounts accounts;
  private Accounts.Session session;
  private long openedAt = System.nanoTime();

  LastingSession(Accounts accounts) {
    this.accounts = accounts;
    this.session = accounts.newSession();
  }

  @Override
  public synchronized Accounts.Session get() {
    if (System.nanoTime() - openedAt > ANEW_AFTER.toNanos()) {
      session = accounts.login(session.account());
      openedAt = System.nanoTime();
    }
    return session;
  }
}
