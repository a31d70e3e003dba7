package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.binding.StrictJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadsTest {
  private static final String NUL = "\\" + "u0000";

  private final Payloads payloads = new Payloads(StrictJson.mapper());

  @Test
  void anEscapedNulIsFoundAndAnEscapedBackslashBeforeItIsNone() {
    assertThat(Payloads.hasNul("\"a" + NUL + "\"")).isTrue();
    assertThat(Payloads.hasNul("\"\\\\" + NUL + "\"")).as("a backslash, then a NUL").isTrue();
    assertThat(Payloads.hasNul("\"\\" + NUL + "\"")).as("a backslash, then text").isFalse();
    assertThat(Payloads.hasNul("\"\\" + NUL + " " + NUL + "\"")).isTrue();
    assertThat(Payloads.hasNul("\"u0000\"")).isFalse();
    assertThat(Payloads.hasNul("\"\\" + "u0001\"")).isFalse();
    assertThat(Payloads.hasNul("")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "ä", "€", "😀"})
  void exactlySoManyBytesAreTakenAndNotOneMore(String character) {
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;
    var most = "\"" + character.repeat((Payloads.BYTES_MAX - 2) / bytes) + "\"";
    assertThatCode(() -> payloads.checkFromClient("params", most)).doesNotThrowAnyException();
    assertThatThrownBy(() -> payloads.checkFromClient("params", most + " ".repeat(4)))
        .isInstanceOf(Refusal.class);
  }

  record Old(String name, int dropped) {}

  @Test
  void aFieldThatALaterReleaseDroppedIsPassedOver() {
    record New(String name) {}
    var kept = payloads.keep("step", new Old("a", 1));
    assertThat(payloads.read("step", kept.json(), New.class.getName())).isEqualTo(new New("a"));
  }

  @Test
  void aResultThatDoesNotFitItsClassAnyMoreIsTold() {
    assertThatThrownBy(() -> payloads.read("step", "\"text\"", Old.class.getName()))
        .isInstanceOfSatisfying(
            WorkflowError.class,
            error -> {
              assertThat(error.code()).isEqualTo(WorkflowError.Code.UNSERIALIZABLE);
              assertThat(error.step()).isEqualTo("step");
              assertThat(error).hasMessageContaining(Old.class.getName());
            });
  }
}
