package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFailureTest {
  private static StartFailure of(Throwable failure) {
    return StartFailure.of("user-worker", failure, IllegalStateException.class);
  }

  private static String invalid(String problems) {
    return of(new RuntimeException("Configuration validation failed:\n" + problems)).sentence();
  }

  @Test
  void aMistakeSaysItsSentenceHoweverDeepItLies() {
    var mistake = new IllegalStateException("set IT");
    var failure = of(new RuntimeException("outer", new RuntimeException("inner", mistake)));
    assertThat(failure).isEqualTo(new StartFailure("user-worker cannot start: set IT", true));
  }

  @Test
  void whatNobodyForesawIsSaidAndNeedsItsTrace() {
    var failure = of(new RuntimeException("outer", new ArithmeticException("by zero\nmore")));
    assertThat(failure).isEqualTo(new StartFailure("user-worker cannot start: by zero", false));
  }

  @Test
  void aFailureWithoutWordsIsNamed() {
    assertThat(of(new NullPointerException()).sentence()).contains("NullPointerException");
  }

  @Test
  void aRingOfCausesEnds() {
    var one = new RuntimeException("one");
    one.initCause(new RuntimeException("two", one));
    assertThat(of(one).foreseen()).isFalse();
  }

  @Test
  void aTakenPortSaysWhatToSet() {
    var failure = of(new RuntimeException(new BindException("Port already bound: 8080")));
    assertThat(failure.foreseen()).isTrue();
    assertThat(failure.sentence()).contains("8080", "QUARKUS_HTTP_PORT", "QUARKUS_MANAGEMENT_PORT");
  }

  @Test
  void anAddressIsNeverRepeated() {
    var failure =
        of(
            new IllegalArgumentException(
                "Cannot parse invalid connection URI: postgresql://u:hidden@h:x"));
    assertThat(failure.foreseen()).isTrue();
    assertThat(failure.sentence())
        .contains("QUARKUS_DATASOURCE_REACTIVE_URL")
        .doesNotContain("hidden");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          java.lang.IllegalArgumentException: SRCFG00039: The config property a.some-thing with the config value "x" threw an Exception whilst being converted SRCFG00029: Expected an integer value, got "x" | a.some-thing (A_SOME_THING) cannot be "x": Expected an integer value, got "x"
          SRCFG00039: The config property a.b with the config value "x" threw an Exception whilst being converted SRCFG00049: Cannot convert x to enum class c.D$E, allowed values: y,z | a.b (A_B) cannot be "x": Cannot convert x to this setting, allowed values: y,z
          java.util.NoSuchElementException: SRCFG00014: The config property a.b is required but it could not be found in any config source | a.b is not set: set A_B
          java.util.NoSuchElementException: SRCFG00040: The config property a.b is defined as the empty String ("") which the following Converter considered to be null: x | a.b is empty: set A_B
          SRCFG00050: a.c in Source[1] does not map to any root | a.c in Source[1] is no setting: correct or remove it
          java.lang.IllegalStateException: something new | something new
          """)
  void problemsOfTheConfigurationBecomeSentences(String problem, String sentence) {
    assertThat(invalid("\t" + problem)).isEqualTo("user-worker cannot start: " + sentence);
  }

  @Test
  void allProblemsAreNamed() {
    assertThat(invalid("\tone\n\ttwo\n")).isEqualTo("user-worker cannot start: one; two");
  }
}
