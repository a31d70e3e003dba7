package dev.sallyport.data.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.binding.StrictJson;
import dev.sallyport.model.rpc.JsonRpc;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private final RequestReader reader = new RequestReader(new RpcJson(StrictJson.mapper()));

  private Incoming read(String json) {
    return reader.read(json.getBytes(UTF_8));
  }

  private Entry single(String json) {
    assertThat(read(json)).isInstanceOf(Incoming.Single.class);
    return ((Incoming.Single) read(json)).entry();
  }

  private static String call(String more) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\"" + more + "}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0",
        "1e0",
        "1.50",
        "12345678901234567890123",
        "null",
        "\"\"",
        "\"a\\u0041\\n\"",
        "\"\\ud800\"",
        "\"grüße 😀\""
      })
  void anIdIsKeptAsItWasSent(String id) {
    assertThat(single(call(",\"id\": " + id + " "))).isEqualTo(new Entry.Call(id, "a.b", null));
    assertThat(single("{\"id\":" + id + ",\"jsonrpc\":\"1\"}")).isEqualTo(new Entry.Invalid(id));
  }

  @Test
  void aCallWithoutAnIdIsANotification() {
    assertThat(single(call(""))).isEqualTo(new Entry.Call(null, "a.b", null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", "[1, [2,{\"x\": \"]\"}] ]", "{\"a\" : [ \"}\" ], \"b\":1e5}"})
  void paramsAreKeptAsTheyWereSent(String params) {
    assertThat(single(call(", \"params\" : " + params + " , \"id\":1")))
        .isEqualTo(new Entry.Call("1", "a.b", params));
  }

  @Test
  void placesAreRightInALargeRequestToo() {
    var params = "[\"" + "ü😀\\\"".repeat(60_000) + "\",1]";
    assertThat(
            single("  " + call(",\"params\":" + params + ",\"id\":\"" + "y".repeat(40_000) + "\"")))
        .isEqualTo(new Entry.Call("\"" + "y".repeat(40_000) + "\"", "a.b", params));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "\"x\"",
        "null",
        "{}",
        "[]",
        "{\"jsonrpc\":2.0,\"method\":\"a.b\",\"id\":null}",
        "{\"jsonrpc\":\"2\",\"method\":\"a.b\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":1}",
        "{\"jsonrpc\":\"2.0\",\"method\":[\"a\"]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"params\":null}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"params\":1}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"id\":true}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"id\":{\"a\":1}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"id\":[1]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"parms\":{\"a\":[1]}}"
      })
  void whatIsJsonAndNoRequestIsInvalid(String json) {
    assertThat(single(json)).isEqualTo(new Entry.Invalid("null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1,]",
        "[1",
        "nul",
        "{} {}",
        "[] 1",
        "{\"a\":1,\"a\":1}",
        "{'a':1}",
        "[\"\t\"]",
        "[\"\\x\"]",
        "{\"id\":01}",
        "[NaN]",
        "\ufeff{}"
      })
  void whatIsNoJsonIsBroken(String json) {
    assertThat(read(json)).isEqualTo(new Incoming.Broken());
  }

  @Test
  void whatIsNoUtf8IsBroken() {
    for (var bytes :
        List.of(
            new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'},
            new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
            new byte[] {'[', 0, ']', 0},
            new byte[] {0, '[', 0, ']'},
            new byte[] {(byte) 0xff, (byte) 0xfe, '[', 0})) {
      assertThat(reader.read(bytes)).isEqualTo(new Incoming.Broken());
    }
  }

  @Test
  void aMebibyteOfBracketsIsBrokenAtOnce() {
    for (var deep : List.of("[", "{\"a\":", "[[{\"a\":")) {
      assertThat(read(deep.repeat(1024 * 1024 / deep.length()))).isEqualTo(new Incoming.Broken());
      var params = ",\"params\":" + deep.repeat(100_000);
      assertThat(read(call(params))).isEqualTo(new Incoming.Broken());
    }
  }

  @Test
  void aBatchHasUpToAHundredEntries() {
    int max = JsonRpc.ENTRIES_MAX;
    var full = String.join(",", Collections.nCopies(max, "1"));
    assertThat(((Incoming.Batch) read("[" + full + "]")).entries())
        .hasSize(max)
        .containsOnly(new Entry.Invalid("null"));
    assertThat(read("[" + full + ",1]")).isEqualTo(new Incoming.TooMany());
  }
}
