package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.model.rpc.RpcClient;
import dev.sallyport.model.rpc.RpcException;
import dev.sallyport.model.sample.SampleRpc;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON-RPC through both workers. */
@ExtendWith(SharedDeployment.class)
class RpcTest {
  private static final String PATH = "/api/rpc";
  private static final String INVALID = error(-32600, "Invalid Request", "null");

  private final Deployment deployment;
  private final Gate gate;
  private final Accounts.Session session;

  RpcTest(Deployment deployment, Gate gate) {
    this.deployment = deployment;
    this.gate = gate;
    this.session = deployment.accounts().newSession();
  }

  private static String result(String result, String id) {
    return "{\"jsonrpc\":\"2.0\",\"result\":" + result + ",\"id\":" + id + "}";
  }

  private static String error(int code, String message, String id) {
    return "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":"
        + code
        + ",\"message\":\""
        + message
        + "\"},\"id\":"
        + id
        + "}";
  }

  private Answer post(String json) {
    return deployment.userWorker().http().post(PATH, json, "Authorization", session.bearer());
  }

  private Answer ok(String json) {
    var answer = post(json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.header("Content-Type").orElse("none")).startsWith("application/json");
    assertThat(answer.header("X-Request-Id")).isPresent();
    assertThat(answer.header("X-Service-Binding-Time")).isPresent();
    assertThat(answer.header("Server-Timing")).isPresent();
    return answer;
  }

  /** The examples of the specification that are answered, and their answers. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"jsonrpc\": \"2.0\", \"method\": \"sample.subtract\", \"params\": [42, 23], \"id\": 1};19",
        "{\"jsonrpc\": \"2.0\", \"method\": \"sample.subtract\", \"params\": [23, 42], \"id\": 1};-19",
        "{\"jsonrpc\": \"2.0\", \"method\": \"sample.subtract\", \"params\":"
            + " {\"subtrahend\": 23, \"minuend\": 42}, \"id\": 1};19",
        "{\"jsonrpc\": \"2.0\", \"method\": \"sample.subtract\", \"params\":"
            + " {\"minuend\": 42, \"subtrahend\": 23}, \"id\": 1};19"
      })
  void parametersByPositionAndByName(String request, String result) {
    assertThat(ok(request).body()).isEqualTo(result(result, "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3,4,5]}",
        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar\"}",
        "[{\"jsonrpc\": \"2.0\", \"method\": \"notify_sum\", \"params\": [1,2,4]},"
            + "{\"jsonrpc\": \"2.0\", \"method\": \"notify_hello\", \"params\": [7]}]"
      })
  void toNotificationsNothingIsSaid(String request) {
    var answer = post(request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]",
        "[{\"jsonrpc\": \"2.0\", \"method\": \"sample.sum\", \"params\": [1,2,4], \"id\": \"1\"},"
            + "{\"jsonrpc\": \"2.0\", \"method\"\n]",
        ""
      })
  void whatIsNoJsonIsAParseError(String request) {
    assertThat(ok(request).body()).isEqualTo(error(-32700, "Parse error", "null"));
  }

  @Test
  void whatIsNoRequestIsInvalidOneByOne() {
    assertThat(ok("{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"}").body())
        .isEqualTo(INVALID);
    assertThat(ok("[]").body()).isEqualTo(INVALID);
    assertThat(ok("[1]").body()).isEqualTo("[" + INVALID + "]");
    assertThat(ok("[1,2,3]").body()).isEqualTo("[" + INVALID + "," + INVALID + "," + INVALID + "]");
  }

  @Test
  void aMethodThatIsNotThereIsNotFound() {
    assertThat(ok("{\"jsonrpc\": \"2.0\", \"method\": \"foobar\", \"id\": \"1\"}").body())
        .isEqualTo(error(-32601, "Method not found", "\"1\""));
  }

  @Test
  void aMixedBatchIsAnsweredEntryByEntry() {
    var batch =
        """
        [
          {"jsonrpc": "2.0", "method": "sample.sum", "params": [1,2,4], "id": "1"},
          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
          {"jsonrpc": "2.0", "method": "sample.subtract", "params": [42,23], "id": "2"},
          {"foo": "boo"},
          {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
          {"jsonrpc": "2.0", "method": "sample.getData", "id": "9"}
        ]
        """;
    assertThat(ok(batch).body())
        .isEqualTo(
            "["
                + result("7", "\"1\"")
                + ","
                + result("19", "\"2\"")
                + ","
                + INVALID
                + ","
                + error(-32601, "Method not found", "\"5\"")
                + ","
                + result("[\"hello\",5]", "\"9\"")
                + "]");
  }

  @Test
  void theProxyLeadsToTheSameAnswers() {
    var json = "{\"jsonrpc\":\"2.0\",\"method\":\"sample.sum\",\"params\":[1,2],\"id\":1}";
    var answer =
        deployment
            .userWorker()
            .http()
            .post("/api/internal/rpc", json, "Authorization", session.bearer());
    assertThat(answer.body()).isEqualTo(ok(json).body());
  }

  @Test
  void aHundredEntriesAreTakenAndOneMoreIsTooLarge() {
    var one = "{\"jsonrpc\":\"2.0\",\"method\":\"sample.sum\",\"id\":1}";
    var full = String.join(",", Collections.nCopies(100, one));
    assertThat(ok("[" + full + "]").json()).hasSize(100);
    assertProblem(post("[" + full + "," + one + "]"), 413, "too-large");
  }

  @Test
  void onlyWhoIsSignedInCalls() {
    assertProblem(deployment.userWorker().http().post(PATH, "[]"), 401, "unauthenticated");
    assertProblem(
        deployment.userWorker().http().get(PATH, "Authorization", session.bearer()),
        405,
        "method-not-allowed");
  }

  @Test
  void discoveryDescribesTheSamples() {
    var document =
        ok("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.discover\",\"id\":1}").json().required("result");
    assertThat(document.required("openrpc").asText()).isEqualTo("1.3.2");
    assertThat(document.required("methods"))
        .extracting(method -> method.required("name").asText())
        .containsExactly("sample.getData", "sample.subtract", "sample.sum");
  }

  private RpcClient client() {
    var mapper = new ObjectMapper();
    return new RpcClient(
        request -> {
          var answer = post(new String(request, StandardCharsets.UTF_8));
          if (answer.status() != 200) {
            throw new IOException("HTTP status " + answer.status());
          }
          return answer.body().getBytes(StandardCharsets.UTF_8);
        },
        new RpcClient.Codec() {
          @Override
          public byte[] write(Object value) throws IOException {
            return mapper.writeValueAsBytes(value);
          }

          @Override
          public @Nullable Object read(byte[] json, Type type) throws IOException {
            return mapper.readValue(json, mapper.constructType(type));
          }
        });
  }

  @Test
  void javaCallersUseTheInterfaceOfTheService() {
    var sample = client().of(SampleRpc.class);
    assertThat(sample.subtract(42, 23)).isEqualTo(19);
    assertThat(sample.sum()).isZero();
    assertThat(sample.sum(1, 2, 4)).isEqualTo(7);
    assertThat(sample.getData()).containsExactly("hello", 5);
    assertThatThrownBy(() -> sample.subtract(Long.MIN_VALUE, 1))
        .isInstanceOfSatisfying(
            RpcException.class, thrown -> assertThat(thrown.code()).isEqualTo(-32602));
  }

  @Test
  void whereThePrivateSideIsAwayItIsAProblemAndNeverAskedTwice() {
    var marker = Gate.marker();
    var json = "{\"jsonrpc\":\"2.0\",\"method\":\"" + marker + "\",\"id\":1}";
    gate.recorder().goAway();
    try {
      assertProblem(postToGate(json), 503, "binding-down");
    } finally {
      gate.recorder().comeBack();
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> postToGate("[]").status() == 200);
    gate.recorder().behave(Recorder.Behaviour.HANG);
    try {
      var late = assertProblem(postToGate(json), 504, "binding-timeout");
      assertThat(late.required("retryable").asBoolean()).isFalse();
      assertThat(gate.recorder().seen(marker))
          .singleElement()
          .satisfies(seen -> assertThat(seen.target()).isEqualTo("/api/internal/rpc"));
    } finally {
      gate.recorder().behave(Recorder.Behaviour.ANSWER);
    }
  }

  private Answer postToGate(String json) {
    return gate.userWorker().http().post(PATH, json, "Authorization", gate.session().bearer());
  }

  @Test
  void noBytesWhateverAreAFailure() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      var request =
          random
              .ints(random.nextInt(60), 0, 20)
              .mapToObj(at -> PIECES[at])
              .collect(Collectors.joining());
      var answer = post(request);
      assertThat(answer.status()).as("seed %d: %s", seed, request).isIn(200, 204);
      assertThat(answer.body()).as("seed %d: %s", seed, request).doesNotContain("-32603");
    }
  }

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"jsonrpc\":\"2.0\"",
    "\"jsonrpc\"",
    "\"2.0\"",
    "\"method\":",
    "\"sample.sum\"",
    "\"params\":",
    "\"id\":",
    "1",
    "null",
    "1e9",
    "\"",
    "{\"jsonrpc\":\"2.0\",\"method\":\"sample.sum\",\"params\":[1],\"id\":1}",
    "{\"jsonrpc\":\"2.0\",\"method\":\"sample.getData\"}",
    " "
  };
}
