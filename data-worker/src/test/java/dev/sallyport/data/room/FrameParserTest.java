package dev.sallyport.data.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.room.ClientFrame.Bad;
import dev.sallyport.data.room.ClientFrame.Publish;
import dev.sallyport.data.room.ClientFrame.Put;
import dev.sallyport.data.room.ClientFrame.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {
  private final FrameParser parser = new FrameParser();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0",
        "1.10",
        "12345678901234567890.123",
        "1e400",
        "null",
        "true",
        "\"\"",
        "\"a \\\" \\u0041 ü \uD83D\uDE00\"",
        "{}",
        "[]",
        "{ \"a\" : [ 1 , { } ] }",
        "[[[\"]\"]],\"}\"]"
      })
  void dataArePassedOnAsTheyCame(String data) {
    for (var around : new String[] {"", " ", "\n\t "}) {
      var first = "{\"type\":\"publish\",\"data\":" + around + data + around + ",\"id\":\"i\"}";
      assertThat(parser.parse(first)).isEqualTo(new Publish("i", data));
      var last = "{\"id\":\"i\",\"type\":\"publish\",\"data\":" + around + data + around + "}";
      assertThat(parser.parse(last)).isEqualTo(new Publish("i", data));
    }
  }

  @Test
  void longDataArePassedOnWholeToo() {
    for (int length : new int[] {3_999, 4_000, 32_768, 60_000}) {
      var data = "[\"" + "ü".repeat(length) + "\"]";
      assertThat(parser.parse("{\"type\":\"signal\",\"data\":" + data + "}"))
          .isEqualTo(new Signal(null, data));
    }
  }

  @Test
  void whatIsNotKnownIsPassedOver() {
    assertThat(parser.parse("{\"x\":{\"id\":[1]},\"type\":\"signal\",\"data\":1,\"y\":2}"))
        .isEqualTo(new Signal(null, "1"));
  }

  @Test
  void aValueMayDependOnItsVersion() {
    assertThat(parser.parse("{\"type\":\"set\",\"key\":\"k\",\"value\":null}"))
        .isEqualTo(new Put(null, "k", "null", null));
    assertThat(
            parser.parse(
                "{\"type\":\"set\",\"id\":\"i\",\"key\":\"k\",\"value\":1,\"ifVersion\":7}"))
        .isEqualTo(new Put("i", "k", "1", 7L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "\"publish\"",
        "[{}]",
        "{",
        "{}",
        "{\"type\":\"signal\",\"data\":1}x",
        "{\"type\":\"signal\",\"data\":1}{}",
        "{\"type\":\"signal\",\"data\":1,}",
        "{\"type\":\"signal\",\"data\":01}",
        "{\"type\":\"signal\",\"data\":NaN}",
        "{\"type\":\"signal\",\"data\":\"\u0001\"}",
        "{\"type\":\"signal\",\"type\":\"signal\",\"data\":1}",
        "{\"type\":\"signal\",\"data\":{\"a\":1,\"a\":2}}",
        "{\"type\":null,\"data\":1}",
        "{\"type\":\"publish\",\"id\":7,\"data\":1}",
        "{\"type\":\"publish\",\"id\":\"a\\u0000\",\"data\":1}",
        "{\"type\":\"publish\",\"id\":\"\\ud800\",\"data\":1}",
        "{\"type\":\"set\",\"key\":\"\",\"value\":1}",
        "{\"type\":\"set\",\"key\":\"k\",\"value\":1,\"ifVersion\":1.5}",
        "{\"type\":\"set\",\"key\":\"k\",\"value\":1,\"ifVersion\":99999999999999999999}",
        "{\"type\":\"set\",\"key\":\"k\",\"value\":1,\"ifVersion\":\"1\"}"
      })
  void whatIsNoFrameIsBad(String text) {
    assertThat(parser.parse(text))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.code()).isEqualTo(Code.BAD_FRAME));
  }

  @Test
  void aBadFrameIsNamedWhereItsIdWasRead() {
    assertThat(parser.parse("{\"id\":\"i\",\"type\":\"publish\"}").id()).isEqualTo("i");
    assertThat(parser.parse("{\"id\":\"i\",\"type\":\"fly\"}"))
        .isEqualTo(new Bad("i", Code.UNKNOWN_TYPE, "publish, signal or set"));
    var deep = "[".repeat(2_000) + "]".repeat(2_000);
    assertThat(parser.parse("{\"id\":\"i\",\"type\":\"signal\",\"data\":" + deep + "}"))
        .isInstanceOf(Bad.class);
  }
}
