package dev.sallyport.data.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.UserWorker;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every example of the JSON-RPC 2.0 specification, in its order. */
@QuarkusTest
class RpcSpecificationTest {
  @TestHTTPResource("/")
  URI base;

  private UserWorker bob;

  @BeforeEach
  void call() {
    bob = UserWorker.calling(base).forUser("bob", "user");
  }

  private void assertAnswer(String request, String answer) {
    var got = bob.postJson("/api/internal/rpc", request);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    assertThat(got.headers().firstValue("Content-Type").orElse("none"))
        .startsWith("application/json");
    assertThat(got.body()).isEqualTo(answer);
  }

  private void assertNothing(String request) {
    var got = bob.postJson("/api/internal/rpc", request);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(204);
    assertThat(got.body()).isEmpty();
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

  private static final String INVALID = error(-32600, "Invalid Request", "null");
  private static final String BROKEN = error(-32700, "Parse error", "null");

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"[42, 23];19;1", "[23, 42];-19;2"})
  void positionalParameters(String params, String result, String id) {
    assertAnswer(
        "{\"jsonrpc\": \"2.0\", \"method\": \"sample.subtract\", \"params\": "
            + params
            + ", \"id\": "
            + id
            + "}",
        result(result, id));
  }

  @Test
  void namedParameters() {
    assertAnswer(
        """
        {"jsonrpc": "2.0", "method": "sample.subtract",
         "params": {"subtrahend": 23, "minuend": 42}, "id": 3}
        """,
        result("19", "3"));
    assertAnswer(
        """
        {"jsonrpc": "2.0", "method": "sample.subtract",
         "params": {"minuend": 42, "subtrahend": 23}, "id": 4}
        """,
        result("19", "4"));
  }

  @Test
  void aNotification() {
    assertNothing("{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3,4,5]}");
    assertNothing("{\"jsonrpc\": \"2.0\", \"method\": \"foobar\"}");
  }

  @Test
  void aMethodThatIsNotThere() {
    assertAnswer(
        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar\", \"id\": \"1\"}",
        error(-32601, "Method not found", "\"1\""));
  }

  @Test
  void invalidJson() {
    assertAnswer(
        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]", BROKEN);
  }

  @Test
  void anInvalidRequest() {
    assertAnswer("{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"}", INVALID);
  }

  @Test
  void aBatchOfInvalidJson() {
    assertAnswer(
        """
        [
          {"jsonrpc": "2.0", "method": "sample.sum", "params": [1,2,4], "id": "1"},
          {"jsonrpc": "2.0", "method"
        ]
        """,
        BROKEN);
  }

  @Test
  void anEmptyArray() {
    assertAnswer("[]", INVALID);
  }

  @Test
  void anInvalidBatchThatIsNotEmpty() {
    assertAnswer("[1]", "[" + INVALID + "]");
  }

  @Test
  void anInvalidBatch() {
    assertAnswer("[1,2,3]", "[" + INVALID + "," + INVALID + "," + INVALID + "]");
  }

  @Test
  void aBatch() {
    assertAnswer(
        """
        [
          {"jsonrpc": "2.0", "method": "sample.sum", "params": [1,2,4], "id": "1"},
          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
          {"jsonrpc": "2.0", "method": "sample.subtract", "params": [42,23], "id": "2"},
          {"foo": "boo"},
          {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
          {"jsonrpc": "2.0", "method": "sample.getData", "id": "9"}
        ]
        """,
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
  void aBatchOfNotifications() {
    assertNothing(
        """
        [
          {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
        ]
        """);
  }
}
