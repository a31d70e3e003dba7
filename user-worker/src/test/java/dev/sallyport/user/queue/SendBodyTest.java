package dev.sallyport.user.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendBodyTest {
  private final SendBody bodies = new SendBody();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "0",
        "-1.50e+3",
        "\"\"",
        "\"two words\"",
        "\"\\\"\\\\\\u00e4\"",
        "\"ä€😀\"",
        "[]",
        "{}",
        "[ 1,\t2 ,[{}]]",
        "{ \"a\" : {\"b\":[null]} , \"ä\":\"}\" }",
        "\"\\\\u0000\""
      })
  void aBodyIsKeptAsItCame(String body) {
    for (var around :
        List.of(
            "{\"body\":%}",
            " { \"body\" : % , \"key\" : \"k\" } ", "{\"id\":\"ä\",\"body\":%\n}")) {
      var message = bodies.message(bytes(around.replace("%", body)));
      assertThat(text(message.body())).isEqualTo(body);
    }
  }

  @Test
  void bodiesOfABatchAreKeptAsTheyCame() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      var expected =
          random.ints(random.nextInt(1, 20), 0, 6).mapToObj(kind -> value(random, kind)).toList();
      var json = new StringBuilder("{\"messages\":[");
      for (int i = 0; i < expected.size(); i++) {
        json.append(i == 0 ? "" : " , ")
            .append("{\"key\":\"ö\", \"body\": ")
            .append(expected.get(i))
            .append(" }");
      }
      var read = bodies.batch(bytes(json.append("]}").toString()));
      assertThat(read).as("seed %d", seed).extracting(one -> text(one.body())).isEqualTo(expected);
    }
  }

  private static String value(Random random, int kind) {
    return switch (kind) {
      case 0 -> Integer.toString(random.nextInt());
      case 1 -> "\"" + "é\\n😀x".repeat(random.nextInt(2000)) + "\"";
      case 2 -> "[" + random.nextDouble() + ", \"]\"]";
      case 3 -> "{\"a\": {\"b\": \"" + "y".repeat(random.nextInt(9000)) + "\"}}";
      case 4 -> "null";
      default -> "true";
    };
  }

  @Test
  void everyFieldIsRead() {
    var message =
        bodies.message(
            bytes("{\"id\":\"i\\u00e4\",\"key\":\"k\",\"delay\":\"PT1.0005S\",\"body\":1}"));
    assertThat(message.id()).isEqualTo("iä");
    assertThat(message.key()).isEqualTo("k");
    assertThat(message.delay()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aFieldThatIsNullIsAbsent() {
    var message = bodies.message(bytes("{\"id\":null,\"key\":null,\"delay\":null,\"body\":null}"));
    assertThat(message.id()).isNull();
    assertThat(message.key()).isNull();
    assertThat(message.delay()).isZero();
    assertThat(text(message.body())).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"body\":}",
        "{\"body\":1}}",
        "{\"body\":1} {}",
        "{\"body\":01}",
        "{\"body\":NaN}",
        "{\"body\":nul}",
        "{\"body\":\"\\x\"}",
        "{\"body\":\"a\nb\"}",
        "{'body':1}",
        "{\"body\":1,}",
        "{\"body\":1,\"body\":2}",
        "{\"body\":{\"a\":1,\"a\":2}}",
        "{\"body\":[{\"deep\":{\"b\":1,\"c\":2,\"d\":0,\"b\":3}}]}",
        "\uFEFF{\"body\":1}"
      })
  void whatIsNotJsonIsBad(String json) {
    refused(() -> bodies.message(bytes(json)), ProblemType.BAD_JSON);
  }

  @Test
  void whatIsNotUtf8IsBad() {
    for (var wrong :
        List.of(
            "\u00ff", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00e4\u00e4", "\u00f0\u009f\u0098")) {
      var json = ("{\"body\":\"" + wrong + "\"}").getBytes(StandardCharsets.ISO_8859_1);
      refused(() -> bodies.message(json), ProblemType.BAD_JSON);
    }
    refused(
        () -> bodies.message("{\"body\":1}".getBytes(StandardCharsets.UTF_16LE)),
        ProblemType.BAD_JSON);
    refused(
        () -> bodies.message("{\"body\":1}".getBytes(StandardCharsets.UTF_16)),
        ProblemType.BAD_JSON);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | body",
        "5 | body",
        "{} | body",
        "{\"body\":1,\"more\":[{}]} | more",
        "{\"body\":1,\"key\":5} | key",
        "{\"body\":1,\"key\":[\"a\"]} | key",
        "{\"body\":1,\"key\":\"\"} | key",
        "{\"body\":1,\"id\":\"\"} | id",
        "{\"body\":1,\"id\":\"a\\u0000\"} | id",
        "{\"body\":1,\"id\":\"\\ud800\"} | id",
        "{\"body\":1,\"key\":\"\\u0000\"} | key",
        "{\"body\":\"\\u0000\"} | body",
        "{\"body\":{\"\\u0000\":1}} | body",
        "{\"body\":\"\\\\\\u0000\"} | body",
        "{\"body\":1,\"delay\":5} | delay",
        "{\"body\":1,\"delay\":\"\"} | delay",
        "{\"body\":1,\"delay\":\"10s\"} | delay",
        "{\"body\":1,\"delay\":\"-PT1S\"} | delay",
        "{\"body\":1,\"delay\":\"P365DT0.001S\"} | delay",
        "{\"body\":1,\"delay\":\"P99999999999999999D\"} | delay"
      })
  void whatDoesNotFitIsInvalidAndSaysWhere(String json, String field) {
    assertThat(errors(() -> bodies.message(bytes(json))))
        .extracting(FieldError::field)
        .containsExactly(field);
  }

  @Test
  void aYearIsTheLongestDelay() {
    assertThat(bodies.message(bytes("{\"body\":1,\"delay\":\"P365D\"}")).delay())
        .isEqualTo(Duration.ofDays(365));
  }

  @Test
  void idsAndKeysHaveAnEnd() {
    var longest =
        "{\"body\":1,\"id\":\"" + "i".repeat(128) + "\",\"key\":\"" + "k".repeat(256) + "\"}";
    assertThat(bodies.message(bytes(longest)).key()).hasSize(256);
    var longer =
        "{\"body\":1,\"id\":\"" + "i".repeat(129) + "\",\"key\":\"" + "k".repeat(257) + "\"}";
    assertThat(errors(() -> bodies.message(bytes(longer))))
        .extracting(FieldError::field)
        .containsExactly("id", "key");
  }

  @Test
  void errorsInABatchNameTheirMessage() {
    var json =
        "{\"messages\":[{\"body\":1},{\"body\":1,\"delay\":\"x\"},7,{\"key\":\"k\"}],\"more\":1}";
    assertThat(errors(() -> bodies.batch(bytes(json))))
        .extracting(FieldError::field)
        .containsExactly("messages[1].delay", "messages[2]", "messages[3].body", "more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"messages\":[]}", "{\"messages\":null}", "{\"messages\":{}}"})
  void aBatchHasMessages(String json) {
    assertThat(errors(() -> bodies.batch(bytes(json))))
        .extracting(FieldError::field)
        .containsExactly("messages");
  }

  @Test
  void aBodyHas128KibibytesAtTheMost() {
    var most = "\"" + "x".repeat(QueuedMessage.BODY_BYTES_MAX - 2) + "\"";
    assertThat(bodies.message(bytes("{\"body\": " + most + " }")).body())
        .hasSize(QueuedMessage.BODY_BYTES_MAX);
    refused(() -> bodies.message(bytes("{\"body\":[" + most + "]}")), ProblemType.TOO_LARGE);
    refused(
        () -> bodies.batch(bytes("{\"messages\":[{\"body\":[" + most + "]}]}")),
        ProblemType.TOO_LARGE);
  }

  @Test
  void aBatchHas100MessagesAnd256KibibytesAtTheMost() {
    assertThat(bodies.batch(batch(100, "1"))).hasSize(100);
    refused(() -> bodies.batch(batch(101, "1")), ProblemType.TOO_LARGE);
    var part = "\"" + "x".repeat(QueuedMessage.BATCH_BYTES_MAX / 4 - 2) + "\"";
    assertThat(bodies.batch(batch(4, part))).hasSize(4);
    refused(() -> bodies.batch(batch(5, part)), ProblemType.TOO_LARGE);
  }

  private static byte[] batch(int count, String body) {
    var messages =
        String.join(",", java.util.Collections.nCopies(count, "{\"body\":" + body + "}"));
    return bytes("{\"messages\":[" + messages + "]}");
  }

  private static List<FieldError> errors(Runnable reading) {
    var errors = new java.util.ArrayList<FieldError>();
    assertThatThrownBy(reading::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused -> {
              assertThat(refused.problem().type()).isEqualTo(ProblemType.INVALID);
              errors.addAll(refused.problem().errors());
            });
    return errors;
  }

  private static void refused(Runnable reading, ProblemType type) {
    assertThatThrownBy(reading::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused -> assertThat(refused.problem().type()).isEqualTo(type));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
