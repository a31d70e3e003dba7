package dev.sallyport.data.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EscapesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[\"grüße 😀\"]",
        "[\"\\ud83d\\ude00\"]",
        "[\"\\uD83D\\uDE00\\ud83d\\ude00\"]",
        "[\"\\\\u0000\"]",
        "[\"\\\\\\\\ud800\"]",
        "[\"\\\"\\u0001\\n\"]"
      })
  void whatIsTextPasses(String json) {
    assertThat(Escapes.areText(json)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"\\u0000\"]",
        "[\"\\\\\\u0000\"]",
        "[\"\\ud800\"]",
        "[\"\\ude00\\ud83d\"]",
        "[\"\\ud83dx\\ude00\"]",
        "[\"\\ud83d\\n\\ude00\"]",
        "[\"\\ud83d\\ud83d\\ude00\"]",
        "[\"\\n\",\"\\udfff\"]"
      })
  void whatIsNoTextDoesNot(String json) {
    assertThat(Escapes.areText(json)).isFalse();
  }
}
