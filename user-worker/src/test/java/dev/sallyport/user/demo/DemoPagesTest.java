package dev.sallyport.user.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class DemoPagesTest {
  private static final int FILES = 7;
  private static final Pattern LOADED =
      Pattern.compile("(?:href|src)=\"([^\"]+)\"|from \"\\./([^\"]+)\"");

  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
  }

  @ParameterizedTest
  @CsvSource({
    "/demo/room, text/html; charset=utf-8",
    "/demo/room.css, text/css; charset=utf-8",
    "/demo/room.js, text/javascript; charset=utf-8",
    "/demo/room-board.js, text/javascript; charset=utf-8",
    "/demo/room-client.js, text/javascript; charset=utf-8",
    "/demo/room-connection.js, text/javascript; charset=utf-8",
    "/demo/room-view.js, text/javascript; charset=utf-8"
  })
  void everybodyMayReadThePageAndWhatItIsMadeOf(String path, String type) {
    var answer = visitor.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isNotBlank();
    var headers = answer.headers();
    assertThat(headers.firstValue("Content-Type")).hasValue(type);
    assertThat(headers.firstValue("Cache-Control")).hasValue("no-cache");
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.firstValue("X-Frame-Options")).hasValue("DENY");
    assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(headers.allValues("X-Request-Id")).hasSize(1);
  }

  @Test
  void thePageLoadsNothingThatIsNotThereAndHasNoScriptOrStyleWithin() {
    var page = visitor.get("/demo/room").body();
    var loaded = new ArrayDeque<>(loadedBy(page));
    var seen = new HashSet<String>();
    while (!loaded.isEmpty()) {
      var path = loaded.remove();
      if (seen.add(path)) {
        var answer = visitor.get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        loaded.addAll(loadedBy(answer.body()));
      }
    }
    assertThat(seen).hasSize(FILES - 1);
    assertThat(page).doesNotContainPattern("<style|style=|<script>|\\son[a-z]+=");
  }

  private static List<String> loadedBy(String text) {
    return LOADED
        .matcher(text)
        .results()
        .map(found -> found.group(1) == null ? "/demo/" + found.group(2) : found.group(1))
        .filter(address -> !address.equals("data:,"))
        .toList();
  }

  @Test
  void whoHasItAlreadyIsToldSo() {
    var tag = visitor.get("/demo/room").headers().firstValue("ETag").orElseThrow();
    for (var known : new String[] {tag, "W/" + tag, "\"other\", " + tag, "*"}) {
      var answer = visitor.get("/demo/room", "If-None-Match", known);
      assertThat(answer.statusCode()).as(known).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.headers().firstValue("ETag")).hasValue(tag);
    }
    assertThat(visitor.get("/demo/room", "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void headSaysTheSameWithoutTheBody() {
    var page = visitor.get("/demo/room");
    var head = visitor.send("HEAD", "/demo/room", BodyPublishers.noBody());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length"))
        .isEqualTo(page.headers().firstValue("Content-Length"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
  void nothingElseCanBeDoneToIt(String method) {
    var answer = visitor.send(method, "/demo/room", BodyPublishers.noBody());
    ProblemShape.of(answer, 405, "method-not-allowed");
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/demo/",
        "/demo/room/",
        "/demo/other",
        "/demo/room.html",
        "/demo/Room",
        "/demo/%72oom"
      })
  void noOtherPathIsThere(String path) {
    ProblemShape.of(visitor.get(path), 404, "not-found");
  }
}
