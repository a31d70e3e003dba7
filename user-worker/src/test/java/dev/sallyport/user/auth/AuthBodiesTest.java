package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.user.auth.AuthBodies.Login;
import dev.sallyport.user.auth.AuthBodies.Refresh;
import dev.sallyport.user.auth.AuthBodies.Registration;
import dev.sallyport.user.platform.ProblemException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthBodiesTest {
  private static final String PASSWORD = "long enough";

  @Test
  void twoSpellingsOfAnAddressAreOneAccount() {
    assertThat(new Registration(" Ada@Example.ORG ", PASSWORD, null).validated().email())
        .isEqualTo("ada@example.org");
    assertThat(new Login("Ada@Example.ORG ", "x").validated().email()).isEqualTo("ada@example.org");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@b",
        "first.last+tag@sub.example.org",
        "\u00e9l\u00e8ve@\u00e9cole.fr",
        "a@[::1]"
      })
  void whatMayBeAnAddressIsTaken(String email) {
    assertThat(new Registration(email, PASSWORD, null).validated().email()).isEqualTo(email);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        " ",
        "a",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b c",
        "a\n@b",
        "a\u0000@b",
        "a\u007f@b",
        "\ud800@b",
        "a@\udc00"
      })
  void whatCannotBeAnAddressIsNot(@Nullable String email) {
    assertThat(errors(() -> new Registration(email, PASSWORD, null).validated()))
        .extracting(FieldError::field)
        .containsExactly("email");
  }

  @Test
  void anAddressHas254CharactersAtTheMost() {
    assertThat(new Registration("a".repeat(252) + "@b", PASSWORD, null).validated()).isNotNull();
    assertThat(errors(() -> new Registration("a".repeat(253) + "@b", PASSWORD, null).validated()))
        .hasSize(1);
  }

  @Test
  void aPasswordHas8To256Characters() {
    for (var good : List.of("12345678", "x".repeat(256), "        ", "p\u0000ssword")) {
      assertThat(new Registration("a@b", good, null).validated().password()).isEqualTo(good);
    }
    for (var bad : List.of("", "1234567", "x".repeat(257))) {
      assertThat(errors(() -> new Registration("a@b", bad, null).validated()))
          .extracting(FieldError::field)
          .containsExactly("password");
    }
    assertThat(errors(() -> new Registration("a@b", null, null).validated())).hasSize(1);
  }

  @Test
  void aDisplayNameHas1To100PrintableCharactersIfItIsThere() {
    assertThat(new Registration("a@b", PASSWORD, null).validated().displayName()).isNull();
    for (var good : List.of("A", "Ada \ud83d\udc0e L\u00f6velace", "x".repeat(100))) {
      assertThat(new Registration("a@b", PASSWORD, good).validated().displayName()).isEqualTo(good);
    }
    for (var bad :
        List.of("", " ", "x".repeat(101), "a\u0000b", "a\nb", "a\u0085b", "a\ud83d", "\udc0eb")) {
      assertThat(errors(() -> new Registration("a@b", PASSWORD, bad).validated()))
          .as(bad)
          .extracting(FieldError::field)
          .containsExactly("displayName");
    }
  }

  @Test
  void everyFieldThatIsWrongIsNamed() {
    assertThat(errors(() -> new Registration("", "", "").validated()))
        .extracting(FieldError::field)
        .containsExactly("email", "password", "displayName");
    assertThat(errors(() -> new Login(null, null).validated()))
        .extracting(FieldError::field)
        .containsExactly("email", "password");
    assertThat(errors(() -> new Refresh(null).validated()))
        .extracting(FieldError::field)
        .containsExactly("refreshToken");
  }

  @Test
  void whoSignsInIsNotToldWhatAPasswordMustBe() {
    assertThat(new Login("a", "x").validated().password()).isEqualTo("x");
    assertThat(new Login("a@b", "1234567").validated()).isNotNull();
  }

  @Test
  void whatNoAccountCanHaveIsNotLookedFor() {
    assertThat(errors(() -> new Login("a\u0000@b", "x").validated())).hasSize(1);
    assertThat(errors(() -> new Login("a".repeat(257), "x").validated())).hasSize(1);
    assertThat(errors(() -> new Login("a@b", "x".repeat(257)).validated())).hasSize(1);
    assertThat(errors(() -> new Refresh("x".repeat(257)).validated())).hasSize(1);
  }

  private static List<FieldError> errors(ThrowingCallable validation) {
    var refused = catchThrowableOfType(ProblemException.class, validation);
    assertThat(refused).isNotNull();
    assertThat(refused.problem().type().status()).isEqualTo(422);
    return refused.problem().errors();
  }
}
