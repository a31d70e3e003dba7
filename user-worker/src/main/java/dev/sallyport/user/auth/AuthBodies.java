package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.user.platform.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What goes in and out of {@link AuthResource}. */
final class AuthBodies {
  private AuthBodies() {}

  /** RFC 5321, 4.5.3.1.3, less the angle brackets. */
  private static final int EMAIL_MAX = 254;

  /** NIST SP 800-63B, 5.1.1.2: eight at least, and no rules about which. */
  private static final int PASSWORD_MIN = 8;

  private static final int PASSWORD_MAX = 256;
  private static final int DISPLAY_NAME_MAX = 100;
  private static final Pattern EMAIL = Pattern.compile("[^\\s@\\p{Cntrl}]+@[^\\s@\\p{Cntrl}]+");

  record Registration(
      @Nullable String email, @Nullable String password, @Nullable String displayName) {
    /**
     * @throws ProblemException {@code INVALID} with every field that is
     */
    ValidRegistration validated() {
      var errors = new ArrayList<FieldError>();
      var address = email == null ? "" : address(email);
      if (address.length() > EMAIL_MAX || !EMAIL.matcher(address).matches() || !isText(address)) {
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

    private static boolean isName(String name) {
      return !name.isBlank()
          && name.length() <= DISPLAY_NAME_MAX
          && name.chars().noneMatch(Character::isISOControl)
          && isText(name);
    }

    record ValidRegistration(String email, String password, @Nullable String displayName) {}
  }

  record Login(@Nullable String email, @Nullable String password) {
    ValidLogin validated() {
      var errors = new ArrayList<FieldError>();
      var address = required("email", email, errors);
      var secret = required("password", password, errors);
      if (!isText(address)) {
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

  /** Under which an account is kept: two spellings of one address are one account. */
  static String address(String sent) {
    return sent.strip().toLowerCase(Locale.ROOT);
  }

  /** Whether Postgres can hold it: no NUL, no half of a surrogate pair. */
  private static boolean isText(String text) {
    return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
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

  private static void refuseIfAny(List<FieldError> errors) {
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

  record Ticket(String ticket, long expiresIn) {}

  record Tokens(
      String accessToken, String tokenType, long expiresIn, String refreshToken, User user) {}
}
