package dev.sallyport.user.auth;

import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.user.auth.UserSql.StoredUser;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What goes in and out of {@link UserResource}. */
final class UserBodies {
  private UserBodies() {}

  private static final int ROLES_MAX = 20;
  private static final Pattern ROLE = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

  record UserChange(@Nullable List<@Nullable String> roles, @Nullable Boolean disabled) {
    /**
     * The roles as a row has them; null where they stay.
     *
     * @throws dev.sallyport.user.platform.ProblemException {@code INVALID} with every field that is
     */
    @Nullable String validatedRoles() {
      var errors = new ArrayList<FieldError>();
      var wanted = new TreeSet<String>();
      if (roles != null) {
        for (var role : roles) {
          if (role == null || !ROLE.matcher(role).matches()) {
            errors.add(new FieldError("roles", "must be lower-case words of up to 32 letters"));
            break;
          }
          wanted.add(role);
        }
        if (wanted.size() > ROLES_MAX) {
          errors.add(new FieldError("roles", "must be 20 at the most"));
        }
      }
      AuthBodies.refuseIfAny(errors);
      return roles == null ? null : String.join(",", wanted);
    }
  }

  record UserItem(
      String id,
      String email,
      @Nullable String displayName,
      List<String> roles,
      boolean disabled,
      String createdAt) {
    static UserItem of(StoredUser user) {
      return new UserItem(
          user.id().toString(),
          user.email(),
          user.displayName(),
          Principal.roles(user.roles()),
          user.disabled(),
          user.createdAt().toString());
    }
  }

  record UserPage(List<UserItem> items, @Nullable String next) {}
}
