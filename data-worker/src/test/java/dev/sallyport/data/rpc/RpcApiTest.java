package dev.sallyport.data.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.Eventually;
import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.rpc.TrialRpc.Colour;
import dev.sallyport.data.rpc.TrialRpc.Shape;
import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcClient;
import dev.sallyport.model.rpc.RpcException;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Remote calls over HTTP: who may, what fits, how they end. */
@QuarkusTest
class RpcApiTest {
  private static final String PATH = "/api/internal/rpc";

  @TestHTTPResource("/")
  URI base;

  @Inject Trial trial;
  @Inject RpcCalls calls;
  @Inject ObjectMapper mapper;

  private UserWorker bob;

  @BeforeEach
  void call() {
    bob = UserWorker.calling(base).forUser("bob", "user");
  }

  private static String request(String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + ",\"id\":1}";
  }

  private static Map<String, Object> ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  private static Map<?, ?> object(Map<?, ?> within, String name) {
    return (Map<?, ?>) Objects.requireNonNull(within.get(name), name);
  }

  private @Nullable Object result(String method, String params) {
    var answer = ok(bob.postJson(PATH, request(method, params)));
    assertThat(answer).containsOnlyKeys("jsonrpc", "result", "id");
    return answer.get("result");
  }

  private Map<?, ?> error(UserWorker caller, String method, String params) {
    var answer = ok(caller.postJson(PATH, request(method, params)));
    assertThat(answer).containsOnlyKeys("jsonrpc", "error", "id");
    return object(answer, "error");
  }

  private Map<?, ?> error(String method, String params) {
    return error(bob, method, params);
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.object(answer.body())).containsEntry("type", "urn:sallyport:problem:" + slug);
  }

  @Test
  void aMethodIsThereForThoseItIsOpenedToAlone() {
    var clerk = bob.forUser("carla", "clerk,user");
    var admin = bob.forUser("ada", "admin,user");
    for (var caller : List.of(clerk, admin)) {
      assertThat(ok(caller.postJson(PATH, request("trial.forClerks", "[]"))))
          .containsEntry("result", "clerk");
    }
    assertThat(error("trial.forClerks", "[]"))
        .isEqualTo(error("trial.never", "[]"))
        .isEqualTo(Map.of("code", -32601, "message", "Method not found"));
    for (var caller : List.of(bob, clerk, admin)) {
      assertThat(error(caller, "trial.forNobody", "[]")).isEqualTo(error("trial.never", "[]"));
    }
    assertProblem(
        bob.forNobody().postJson(PATH, request("trial.who", "[]")), 401, "unauthenticated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trial",
        "trial.",
        ".who",
        "who",
        "Trial.who",
        "trial.WHO",
        "rpc.other",
        "",
        "trial.toString"
      })
  void anyOtherNameIsNoMethod(String name) {
    assertThat(error(name, "[]")).isEqualTo(Map.of("code", -32601, "message", "Method not found"));
  }

  @Test
  void aServiceKnowsWhoCalls() {
    assertThat(result("trial.who", "[]")).isEqualTo("bob");
  }

  @Test
  void parametersOfEveryKindArriveByNameAndByPosition() {
    var id = UUID.randomUUID();
    var expected = "true 7 1.10 t RED " + id;
    assertThat(result("trial.scalars", "[true,7,1.10,\"t\",\"RED\",\"" + id + "\"]"))
        .isEqualTo(expected);
    assertThat(
            result(
                "trial.scalars",
                "{\"id\":\""
                    + id
                    + "\",\"colour\":\"RED\",\"text\":\"t\",\"exact\":1.10,\"whole\":7,\"flag\":true}"))
        .isEqualTo(expected);
    assertThat(result("trial.scalars", "[true,7,1.10,\"t\",\"RED\"]"))
        .isEqualTo("true 7 1.10 t RED null");
    assertThat(result("trial.scalars", "[true,7,1.10,\"t\",\"RED\",null]"))
        .isEqualTo("true 7 1.10 t RED null");
    assertThat(result("trial.maybe", "{}")).isNull();
    assertThat(result("trial.nothing", "[]")).isNull();
    assertThat(result("sample.sum", "[]")).isEqualTo(0);
    assertThat(result("sample.sum", "{}")).isEqualTo(0);
    assertThat(result("sample.sum", "{\"values\":[1,2,4]}")).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[];minuend;is missing",
        "[42];subtrahend;is missing",
        "{};minuend;is missing",
        "[1,2,3];params;has more than 2 values",
        "{\"minuend\":1,\"subtrahend\":2,\"third\":3};third;is not known here",
        "[1,null];subtrahend;has not the expected form",
        "[1,\"2\"];subtrahend;has not the expected form",
        "[1,\"\"];subtrahend;has not the expected form",
        "[1,1.5];subtrahend;has not the expected form",
        "[1,2.0];subtrahend;has not the expected form",
        "[1,true];subtrahend;has not the expected form",
        "[1,[2]];subtrahend;has not the expected form",
        "[1,{}];subtrahend;has not the expected form",
        "[9223372036854775808,1];minuend;has not the expected form",
        "[1e999999999,1];minuend;has not the expected form",
        "[-9223372036854775808,1];subtrahend;leads beyond what 64 bits hold"
      })
  void whatDoesNotFitIsNamed(String params, String field, String message) {
    var error = error("sample.subtract", params);
    assertThat(error.get("code")).isEqualTo(-32602);
    assertThat(error.get("message")).isEqualTo("Invalid params");
    assertThat(object(error, "data").get("errors"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .contains(Map.of("field", field, "message", message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1,7,1,\"t\",\"RED\"]",
        "[\"true\",7,1,\"t\",\"RED\"]",
        "[true,7,\"1\",\"t\",\"RED\"]",
        "[true,7,1,5,\"RED\"]",
        "[true,7,1,true,\"RED\"]",
        "[true,7,1,\"t\",0]",
        "[true,7,1,\"t\",\"GREEN\"]",
        "[true,7,1,\"t\",\"RED\",\"no-uuid\"]",
        "[true,7,1,null,\"RED\"]"
      })
  void noScalarCountsAsAnother(String params) {
    assertThat(error("trial.scalars", params).get("code")).isEqualTo(-32602);
  }

  @Test
  void withinARecordTheFieldIsNamed() {
    var error =
        error(
            "trial.shape",
            "{\"shape\":{\"name\":\"a\",\"parts\":[{\"name\":\"b\",\"sizes\":{\"x\":\"y\"}}]}}");
    assertThat(object(error, "data").get("errors"))
        .isEqualTo(
            List.of(
                Map.of("field", "shape.parts[0].sizes.x", "message", "has not the expected form")));
  }

  @Test
  void anErrorOfAServiceIsAnsweredAsItIs() {
    assertThat(error("trial.fail", "[\"own\"]"))
        .isEqualTo(
            Map.of(
                "code", 7, "message", "No \"such\" thing", "data", Map.of("left", List.of(1, 2))));
    var refused = error("trial.fail", "[\"refusal\"]");
    assertThat(refused.get("code")).isEqualTo(-32000);
    assertThat(object(refused, "data").get("type")).isEqualTo("urn:sallyport:problem:conflict");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bug", "error"})
  void aDefectTellsNothingButWhereItIsLogged(String how) {
    assertThat(error("trial.fail", "[\"" + how + "\"]"))
        .isEqualTo(
            Map.of(
                "code", -32603, "message", "Internal error", "data", Map.of("requestId", "r-1")));
  }

  @Test
  void aNotificationIsRunAndNothingIsSaidOfIt() {
    int before = trial.counted();
    var count = "{\"jsonrpc\":\"2.0\",\"method\":\"trial.count\"}";
    var fail = "{\"jsonrpc\":\"2.0\",\"method\":\"trial.fail\",\"params\":[\"bug\"]}";
    assertThat(bob.postJson(PATH, count).statusCode()).isEqualTo(204);
    assertThat(bob.postJson(PATH, fail).statusCode()).isEqualTo(204);
    var batch = bob.postJson(PATH, "[" + count + "," + fail + "," + count + "]");
    assertThat(batch.statusCode()).isEqualTo(204);
    assertThat(trial.counted()).isEqualTo(before + 3);
  }

  @Test
  void idsMayRepeatAndKeepTheirDigits() {
    var one = "{\"jsonrpc\":\"2.0\",\"method\":\"trial.nothing\",\"id\":1e0}";
    var answer = "{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":1e0}";
    assertThat(bob.postJson(PATH, "[" + one + "," + one + "]").body())
        .isEqualTo("[" + answer + "," + answer + "]");
  }

  @Test
  void aHundredEntriesAreTakenAndOneMoreIsRefusedWhole() {
    int before = trial.counted();
    var one = request("trial.count", "[]");
    var full = String.join(",", Collections.nCopies(JsonRpc.ENTRIES_MAX, one));
    var answer = bob.postJson(PATH, "[" + full + "]");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(trial.counted()).isEqualTo(before + JsonRpc.ENTRIES_MAX);
    assertProblem(bob.postJson(PATH, "[" + full + "," + one + "]"), 413, "too-large");
    assertProblem(bob.postJson(PATH, "[" + full + ",1 nonsense"), 413, "too-large");
    assertThat(trial.counted()).isEqualTo(before + JsonRpc.ENTRIES_MAX);
  }

  @Test
  void tenEntriesRunSideBySideAndNoMore() {
    var meet = request("trial.meet", "[]");
    var answer = bob.postJson(PATH, "[" + String.join(",", Collections.nCopies(60, meet)) + "]");
    assertThat(answer.body()).doesNotContain("false", "error");
    assertThat(trial.most()).isEqualTo(JsonRpc.AT_ONCE_MAX);
  }

  @Test
  void resultsHaveTogetherAMebibyte() {
    int half = JsonRpc.RESULT_BYTES_MAX / 2 - 2;
    assertThat(result("trial.large", "[" + 2 * half + "]")).isInstanceOf(String.class);
    assertThat(error("trial.large", "[" + 5 * half + "]").get("code")).isEqualTo(-32002);
    assertThat(error("trial.fail", "[\"large\"]").get("code")).isEqualTo(-32002);
    var one = request("trial.large", "[" + half + "]");
    var three = bob.postJson(PATH, "[" + one + "," + one + "," + one + "]").body();
    assertThat(three.split("\"result\"", -1)).hasSize(3);
    assertThat(three.split("-32002", -1)).hasSize(2);
  }

  @Test
  void whenTheCallersTimeIsOverWhatIsDoneIsAnswered() throws InterruptedException {
    int counted = trial.counted();
    int interrupted = trial.interrupted();
    var hang = request("trial.hang", "[]");
    var batch =
        IntStream.range(0, 30)
            .mapToObj(i -> i == 0 ? request("trial.who", "[]") : hang)
            .collect(Collectors.joining(",", "[", "," + request("trial.count", "[]") + ", 1]"));
    var caller = new Caller.User("bob", List.of("user"));
    var call = new InternalCall(caller, "r-1", Duration.ofSeconds(1));
    var answer = calls.serve(batch.getBytes(StandardCharsets.UTF_8), call).orElseThrow();
    assertThat(answer)
        .startsWith("[{\"jsonrpc\":\"2.0\",\"result\":\"bob\",\"id\":1},")
        .endsWith("\"message\":\"Invalid Request\"},\"id\":null}]");
    assertThat(answer.split("\"begun\":true", -1)).hasSize(1 + JsonRpc.AT_ONCE_MAX);
    assertThat(answer.split("\"begun\":false", -1)).hasSize(1 + 20);
    Eventually.is(
        "those that hung are interrupted",
        () -> trial.interrupted() == interrupted + JsonRpc.AT_ONCE_MAX);
    assertThat(trial.counted()).as("never begun").isEqualTo(counted);
  }

  @Test
  void discoveryTellsWhatTheCallerMayCall() {
    var document = object(ok(bob.postJson(PATH, request(JsonRpc.DISCOVER, "[]"))), "result");
    assertThat(document.get("openrpc")).isEqualTo("1.3.2");
    assertThat(methods(document))
        .contains("sample.subtract", "sample.sum", "sample.getData", "trial.shape")
        .doesNotContain("trial.forClerks", "trial.forNobody", "rpc.discover");
    var clerk = bob.forUser("carla", "clerk");
    var others = object(ok(clerk.postJson(PATH, request(JsonRpc.DISCOVER, "{}"))), "result");
    assertThat(methods(others)).contains("trial.forClerks");
    assertThat(document.toString())
        .contains(
            "{name=sample.subtract, paramStructure=either, params=[{name=minuend, required=true,"
                + " schema={type=integer}}, {name=subtrahend, required=true,"
                + " schema={type=integer}}]")
        .contains("name=sample.sum, paramStructure=by-name")
        .contains("$ref=#/components/schemas/Shape");
    assertThat(object(object(document, "components"), "schemas")).hasSize(1);
  }

  private static List<String> methods(Map<?, ?> document) {
    return ((List<?>) Objects.requireNonNull(document.get("methods")))
        .stream().map(one -> String.valueOf(((Map<?, ?>) one).get("name"))).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "application/json; charset=utf-8", "APPLICATION/JSON;x=y"})
  void jsonOfEveryKindIsTaken(String type) {
    assertThat(bob.send("POST", PATH, type, request("trial.who", "[]")).statusCode())
        .isEqualTo(200);
  }

  @Test
  void whatIsNotJsonByItsTypeOrNoPostIsRefused() {
    for (var type :
        List.of("text/plain", "application/jsonp", "application/x-www-form-urlencoded")) {
      assertProblem(
          bob.send("POST", PATH, type, request("trial.who", "[]")), 415, "unsupported-media-type");
    }
    assertProblem(bob.get(PATH), 405, "method-not-allowed");
    assertProblem(bob.postJson(PATH, " ".repeat(1024 * 1024 + 1)), 413, "too-large");
  }

  @Test
  void theAnswerIsJsonWhateverIsAccepted() {
    var request =
        bob.request("POST", PATH, "application/json", request("trial.who", "[]"))
            .header("Accept", "text/html");
    bob.headers("POST", PATH, "application/json").forEach(request::header);
    assertThat(ok(bob.send(request))).containsEntry("result", "bob");
  }

  private RpcClient client() {
    return new RpcClient(
        request ->
            bob.postJson(PATH, new String(request, StandardCharsets.UTF_8))
                .body()
                .getBytes(StandardCharsets.UTF_8),
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
  void aTypedClientGetsWhatTheServiceGives() {
    var typed = client().of(TrialRpc.class);
    var part = new Shape("b", Colour.BLUE, List.of(), Map.of(), Duration.ZERO, Instant.EPOCH, null);
    var shape =
        new Shape(
            "a",
            Colour.RED,
            List.of(part, part),
            Map.of("x", 1),
            Duration.ofMillis(1500),
            Instant.parse("2026-01-02T03:04:05.678901Z"),
            "note");
    assertThat(typed.shape(shape)).isEqualTo(shape);
    assertThat(typed.scalars(true, 7, new BigDecimal("1.10"), "t", Colour.RED, null))
        .isEqualTo("true 7 1.10 t RED null");
    assertThat(typed.maybe("some")).isEqualTo(Optional.of("some"));
    typed.nothing();
    assertThatThrownBy(() -> typed.fail("own"))
        .isInstanceOfSatisfying(
            RpcException.class,
            thrown -> {
              assertThat(thrown.code()).isEqualTo(7);
              assertThat(thrown).hasMessage("No \"such\" thing");
              assertThat(thrown.error().data()).isEqualTo(Map.of("left", List.of(1, 2)));
            });
    assertThatThrownBy(typed::forNobody)
        .isInstanceOfSatisfying(
            RpcException.class, thrown -> assertThat(thrown.code()).isEqualTo(-32601));
  }

  @Test
  void noJsonWhateverIsAFailureOfOurs() {
    long seed = new Random().nextLong();
    var nonsense = new RandomRequests(new Random(seed));
    for (int i = 0; i < 1000; i++) {
      var request = nonsense.next();
      var answer = bob.postJson(PATH, request);
      assertThat(answer.statusCode())
          .as("seed %d, request %d: %s", seed, i, request)
          .isIn(200, 204, 413);
      assertThat(answer.body()).as("seed %d: %s", seed, request).doesNotContain("-32603");
    }
  }
}
