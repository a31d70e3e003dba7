package dev.sallyport.user.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Makes the accounts of {@link BootstrapSettings}. */
@ApplicationScoped
class Bootstrap {
  private final BootstrapSettings settings;
  private final Accounts accounts;

  @Inject
  Bootstrap(BootstrapSettings settings, Accounts accounts) {
    this.settings = settings;
    this.accounts = accounts;
  }

  /** Completes when the accounts are as configured; at once where none are. */
  Future<Void> run() {
    if (settings.admin().isEmpty() && settings.demo().isEmpty()) {
      return Future.succeededFuture();
    }
    Promise<Void> done = Promise.promise();
    Thread.startVirtualThread(() -> {
      try {
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
