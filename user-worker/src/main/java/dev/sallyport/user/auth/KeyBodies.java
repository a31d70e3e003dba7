package dev.sallyport.user.auth;

import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.user.auth.ApiKeySql.StoredApiKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes in and out of {@link ApiKeyResource}. */
final class KeyBodies {
  private KeyBodies() {}

  /** What a key may do whose maker named no scope. */
  private static final List<String> ALL = List.of("write");

  /** Nobody remembers what a key was for after so long. */
  private static final Duration LIFETIME_MAX = Duration.ofDays(3660);

  record NewKey(
      @Nullable String name, @Nullable List<@Nullable String> scopes, @Nullable String expiresAt) {
    /**
     * @throws dev.sallyport.user.platform.ProblemException {@code INVALID} with every field that is
     */
    ValidKey validated(Instant now) {
      var errors = new ArrayList<FieldError>();
      var called = name == null ? "" : name;
      if (!AuthBodies.isName(called)) {
        errors.add(new FieldError("name", "must have 1 to 100 printable characters"));
      }
      var wanted = wanted(errors);
      var until = until(now, errors);
      AuthBodies.refuseIfAny(errors);
      return new ValidKey(called, Scopes.of(wanted), until);
    }

    private List<String> wanted(List<FieldError> errors) {
      if (scopes == null) {
        return ALL;
      }
      var wanted = new LinkedHashSet<String>();
      for (var scope : scopes) {
        if (scope == null || !Scopes.isScope(scope)) {
          errors.add(
              new FieldError("scopes", "must be like read, write, or write:/api/queues/orders"));
          return ALL;
        }
        wanted.add(scope);
      }
      if (wanted.isEmpty() || wanted.size() > Scopes.MAX) {
        errors.add(new FieldError("scopes", "must be 1 to 20, or absent for all of them"));
      }
      return List.copyOf(wanted);
    }

    private @Nullable Instant until(Instant now, List<FieldError> errors) {
      if (expiresAt == null) {
        return null;
      }
      try {
        var until = Instant.parse(expiresAt);
        if (until.isAfter(now) && until.isBefore(now.plus(LIFETIME_MAX))) {
          return until;
        }
        errors.add(new FieldError("expiresAt", "must be in the future, within ten years"));
      } catch (DateTimeException e) {
        errors.add(new FieldError("expiresAt", "must be an instant like 2030-01-31T12:00:00Z"));
      }
      return null;
    }
  }

  record ValidKey(String name, Scopes scopes, @Nullable Instant expiresAt) {}

  record MadeKey(
      String id,
      String name,
      String key,
      List<String> scopes,
      String createdAt,
      @Nullable String expiresAt) {}

  record KeyItem(
      String id,
      String name,
      List<String> scopes,
      String createdAt,
      @Nullable String expiresAt,
      @Nullable String lastUsedAt) {
    static KeyItem of(StoredApiKey key) {
      return new KeyItem(
          key.id().toString(),
          key.name(),
          key.scopes().list(),
          key.createdAt().toString(),
          text(key.expiresAt()),
          text(key.usedAt()));
    }
  }

  record KeyPage(List<KeyItem> items, @Nullable String next) {}

  static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
