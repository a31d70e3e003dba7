package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/**
 * Makes the accounts of {@link BootstrapSettings}, and Hibernate ready for those who sign in first.
 */
@ApplicationScoped
class Bootstrap {
  private final BootstrapSettings settings;
  private final Accounts accounts;
  private final Database database;

  @Inject
  Bootstrap(BootstrapSettings settings, Accounts accounts, Database database) {
    this.settings = settings;
    this.accounts = accounts;
    this.database = database;
  }

  /** Completes when Hibernate runs and the accounts are as configured. */
  Future<Void> run() {
    Promise<Void> done = Promise.promise();
    Thread.startVirtualThread(() -> {
      try {
        database.wake();
        ensure(settings.admin(), "admin,user");
        ensure(settings.demo(), "user");
        done.complete();
      } catch (RuntimeException e) {
        done.fail(e);
      }
    });
    return done.future();
  }

  private void ensure(Optional<BootstrapSettings.Account> account, String roles) {
    account.ifPresent(
        wanted -> accounts.ensure(AuthBodies.address(wanted.email()), wanted.password(), roles));
  }
}
