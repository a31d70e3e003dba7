package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.AccountStore.Rotation;
import dev.sallyport.user.platform.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signing up, signing in and staying signed in. Blocks: for virtual threads. */
@ApplicationScoped
class Accounts {
  /** What a new account may do. */
  private static final String NEW_ACCOUNT_ROLES = "user";

  private final AccountStore store;
  private final Sessions sessions;
  private final Tokens tokens;
  private final CryptoPool crypto;
  private final Guesses guesses;
  private final PasswordHasher hasher;
  private final SecureRandom random;

  /**
   * A fresh pair of tokens, and at sign-in the cookie.
   *
   * @param cookie null where the session has its cookie already
   */
  record SignedIn(
      Account account, String accessToken, String refreshToken, @Nullable String cookie) {}

  @Inject
  Accounts(
      AccountStore store,
      Sessions sessions,
      Tokens tokens,
      CryptoPool crypto,
      Guesses guesses,
      SecureRandom random) {
    this.store = store;
    this.sessions = sessions;
    this.tokens = tokens;
    this.crypto = crypto;
    this.guesses = guesses;
    this.hasher = new PasswordHasher(random);
    this.random = random;
  }

  /**
   * @throws ProblemException {@code EMAIL_TAKEN}
   */
  Account register(String email, String password, @Nullable String displayName) {
    return create(email, password, displayName, NEW_ACCOUNT_ROLES);
  }

  private Account create(
      String email, String password, @Nullable String displayName, String roles) {
    return store.create(email, hash(password), displayName, roles);
  }

  private String hash(String password) {
    return crypto.password(() -> hasher.hash(password));
  }

  /**
   * @param device the cookie of {@link Devices}; null where there was none
   * @throws ProblemException {@code WRONG_CREDENTIALS}, the same for an unknown email, a wrong
   *     password and a disabled account, after the same work; {@code TOO_MANY_REQUESTS}, for each
   *     of these alike, where it is too early for another try
   */
  SignedIn login(String email, String password, @Nullable String device) {
    var account = store.byEmail(email).orElse(null);
    var hash = account == null ? null : account.passwordHash;
    boolean right =
        guesses.attempt(
            email,
            device,
            () ->
                crypto.password(() -> hasher.matches(password, hash))
                    && account != null
                    && !account.disabled);
    if (account == null || !right) {
      throw wrongCredentials();
    }
    var cookie = Secrets.random(random);
    var refresh = Secrets.random(random);
    var begun =
        store
            .begin(account.id, Secrets.sha256(cookie), Secrets.sha256(refresh))
            .orElseThrow(Accounts::wrongCredentials);
    return new SignedIn(
        begun.account(), issue(begun.account(), begun.sessionId()), refresh, cookie);
  }

  private static ProblemException wrongCredentials() {
    return new ProblemException(
        ProblemType.WRONG_CREDENTIALS, "Check the email address and the password.");
  }

  private String issue(Account account, UUID session) {
    return tokens.issue(account.id.toString(), account.roles, session.toString());
  }

  /**
   * Trades a refresh token for a new pair.
   *
   * @throws ProblemException {@code UNAUTHENTICATED}; a token that was used before also ends its
   *     session, since one of the two who have it is not its owner
   */
  SignedIn refresh(String refreshToken) {
    var next = Secrets.random(random);
    return switch (store.rotate(Secrets.sha256(refreshToken), Secrets.sha256(next))) {
      case Rotation.Rotated(var account, var session) ->
          new SignedIn(account, issue(account, session), next, null);
      case Rotation.Reused(var session) -> {
        sessions.end(session);
        throw refreshRefused();
      }
      case Rotation.Refused refused -> throw refreshRefused();
    };
  }

  private static ProblemException refreshRefused() {
    return new ProblemException(ProblemType.UNAUTHENTICATED, "Sign in again.");
  }

  /**
   * @throws ProblemException {@code UNAUTHENTICATED} where the account has gone since
   */
  Account byId(String userId) {
    return store.byId(UUID.fromString(userId)).orElseThrow(Accounts::refreshRefused);
  }

  /** Makes sure that an account exists with this password and these roles. */
  void ensure(String email, String password, String roles) {
    var account = store.byEmail(email).orElse(null);
    if (account == null) {
      create(email, password, null, roles);
      return;
    }
    var hash = account.passwordHash;
    boolean asWanted =
        account.roles.equals(roles)
            && !account.disabled
            && hash != null
            && crypto.password(() -> hasher.matches(password, hash));
    if (!asWanted) {
      store.reset(account.id, hash(password), roles);
    }
  }
}
