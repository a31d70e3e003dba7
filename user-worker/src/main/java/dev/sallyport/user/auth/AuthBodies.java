package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.EmailAddress;
import dev.sallyport.user.platform.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What goes in and out of {@link AuthResource}. */
final class AuthBodies {
  private AuthBodies() {}

  /** NIST SP 800-63B, 5.1.1.2: eight at least, and no rules about which. */
  private static final int PASSWORD_MIN = 8;

  private static final int PASSWORD_MAX = 256;
  private static final int DISPLAY_NAME_MAX = 100;

  record Registration(
      @Nullable String email, @Nullable String password, @Nullable String displayName) {
    /**
     * @throws ProblemException {@code INVALID} with every field that is
     */
    ValidRegistration validated() {
      var errors = new ArrayList<FieldError>();
      var address = EmailAddress.parse(email == null ? "" : email).orElse("");
      if (address.isEmpty()) {
        errors.add(new FieldError("email", "must be an email address"));
      }
      var secret = password == null ? "" : password;
      if (secret.length() < PASSWORD_MIN || secret.length() > PASSWORD_MAX) {
        errors.add(new FieldError("password", "must have 8 to 256 characters"));
      }
      if (displayName != null && !isName(displayName)) {
        errors.add(new FieldError("displayName", "must have 1 to 100 printable characters"));
      }
      refuseIfAny(errors);
      return new ValidRegistration(address, secret, displayName);
    }

    record ValidRegistration(String email, String password, @Nullable String displayName) {}
  }

  record Login(@Nullable String email, @Nullable String password) {
    ValidLogin validated() {
      var errors = new ArrayList<FieldError>();
      var address = required("email", email, errors);
      var secret = required("password", password, errors);
      if (!EmailAddress.isText(address)) {
        errors.add(new FieldError("email", "must be an email address"));
      }
      refuseIfAny(errors);
      return new ValidLogin(address(address), secret);
    }

    record ValidLogin(String email, String password) {}
  }

  record Refresh(@Nullable String refreshToken) {
    String validated() {
      var errors = new ArrayList<FieldError>();
      var token = required("refreshToken", refreshToken, errors);
      refuseIfAny(errors);
      return token;
    }
  }

  /** Whether a person can be shown this as a name. */
  static boolean isName(String name) {
    return !name.isBlank()
        && name.length() <= DISPLAY_NAME_MAX
        && name.chars().noneMatch(Character::isISOControl)
        && EmailAddress.isText(name);
  }

  /**
   * @throws ProblemException {@code BAD_JSON} where there was no body
   */
  static <T> T required(@Nullable T body) {
    if (body == null) {
      throw new ProblemException(ProblemType.BAD_JSON, "There is no JSON object in the body.");
    }
    return body;
  }

  /**
   * An id in a path.
   *
   * @throws ProblemException {@code NOT_FOUND} where nothing can have it
   */
  static UUID id(String text) {
    try {
      var id = UUID.fromString(text);
      if (id.toString().equals(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // Answered below, like another spelling of an id.
    }
    throw new ProblemException(ProblemType.NOT_FOUND, "There is nothing with this id.");
  }

  /** Under which an account is kept: two spellings of one address are one account. */
  static String address(String sent) {
    return EmailAddress.normal(sent);
  }

  private static String required(String field, @Nullable String value, List<FieldError> errors) {
    if (value == null || value.isEmpty()) {
      errors.add(new FieldError(field, "is missing"));
      return "";
    }
    if (value.length() > PASSWORD_MAX) {
      errors.add(new FieldError(field, "is too long"));
    }
    return value;
  }

  static void refuseIfAny(List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw new ProblemException(Problem.invalid(errors));
    }
  }

  record User(String id, String email, @Nullable String displayName, List<String> roles) {
    static User of(Account account) {
      return new User(
          account.id.toString(),
          account.email,
          account.displayName,
          Principal.roles(account.roles));
    }
  }

  record SessionQuestion(@Nullable String sessionId) {}

  record ValidSession(boolean valid, String userId, List<String> roles, String expiresAt) {
    static ValidSession of(Principal caller) {
      return new ValidSession(
          true,
          caller.userId(),
          Principal.roles(caller.rolesText()),
          caller.expiresAt().toString());
    }
  }

  record Ticket(String ticket, long expiresIn) {}

  record Tokens(
      String accessToken, String tokenType, long expiresIn, String refreshToken, User user) {}
}
