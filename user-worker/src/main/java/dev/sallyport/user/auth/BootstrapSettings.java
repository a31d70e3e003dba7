package dev.sallyport.user.auth;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/**
 * Accounts that always exist with the given password: the way to the first admin. Removing the
 * setting leaves the account as it is.
 */
@ConfigMapping(prefix = "sallyport.bootstrap")
interface BootstrapSettings {
  /** Has the roles {@code admin} and {@code user}. */
  Optional<Account> admin();

  /** Has the role {@code user}. */
  Optional<Account> demo();

  interface Account {
    String email();

    String password();
  }
}
