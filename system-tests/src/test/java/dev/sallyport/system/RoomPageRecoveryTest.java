package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Workers die while people talk: the page, and the client of the guide, lose and double nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class RoomPageRecoveryTest {
  private static final Path LOGS = Path.of("target", "system-tests", "room-page-recovery");
  private static final Path GUIDE = Path.of("..", "docs", "rooms.md");
  private static final Pattern SCRIPT = Pattern.compile("(?ms)^```js\n(.*?)^```$");
  private static final int CLIENT_LINES_MAX = 40;
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final int A_FEW = 5;

  private Deployment deployment;
  private Browser browser;

  @BeforeAll
  void start() {
    browser = Browser.start(LOGS.resolve("chromium.log"));
    deployment = Deployment.start(Deployment.Settings.quick("room-page-recovery"));
  }

  @AfterAll
  void stop() {
    if (deployment != null) {
      deployment.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  private RoomPage somebody(String name) {
    return RoomPage.visit(browser, deployment.userWorker().url())
        .register(Accounts.freshEmail(), name);
  }

  /** Says a few things before, while and after each worker is dead. */
  private void throughBothDeaths(Runnable sayAFew) {
    sayAFew.run();
    for (var worker : List.of(deployment.dataWorker(), deployment.userWorker())) {
      sayAFew.run();
      worker.kill();
      sayAFew.run();
      worker.start();
      sayAFew.run();
    }
  }

  private static final int TIMES = 7;

  @Test
  void bothSeeEachMessageOnceInOneOrderThoughBothWorkersAreKilled() {
    var ada = somebody("Ada").goIn("plaza");
    var bob = somebody("Bob").goIn("plaza");
    var said = new ArrayList<String>();
    throughBothDeaths(() -> {
      for (int i = 0; i < A_FEW; i++) {
        for (var one : List.of(ada, bob)) {
          said.add("number " + said.size());
          one.say(said.getLast());
        }
      }
    });
    var offsets = IntStream.rangeClosed(1, said.size()).boxed().toList();
    for (var one : List.of(ada, bob)) {
      await().atMost(WITHIN).untilAsserted(() -> assertThat(one.messages()).hasSize(said.size()));
      assertThat(one.pending()).isZero();
      assertThat(one.offsets()).isEqualTo(offsets);
      assertThat(one.messages()).containsExactlyInAnyOrderElementsOf(said);
      one.awaitConnected();
      assertThat(one.page().complaints()).isEmpty();
    }
    assertThat(ada.messages()).isEqualTo(bob.messages());
    await()
        .atMost(WITHIN)
        .untilAsserted(() -> {
          assertThat(ada.members()).containsExactly("Ada (you)", "Bob");
          assertThat(bob.members()).containsExactly("Ada", "Bob (you)");
        });
    bob.pointAt(0.5, 0.5);
    await().atMost(WITHIN).untilAsserted(() -> assertThat(ada.cursors()).containsExactly("Bob"));
  }

  @Test
  void theClientOfTheGuideHasFortyLinesAndDoesTheSame() throws IOException {
    var scripts =
        SCRIPT.matcher(Files.readString(GUIDE)).results().map(one -> one.group(1)).toList();
    assertThat(scripts).hasSize(1);
    var script = scripts.getFirst();
    assertThat(script.lines()).hasSizeLessThanOrEqualTo(CLIENT_LINES_MAX);
    var pages = List.of(somebody("Ada").page(), somebody("Bob").page());
    for (var page : pages) {
      page.eval(
          script.replace("export function", "function")
              + "; window.seen = []; window.room = joinRoom('guide', {"
              + "message: ({offset, data}) => seen.push([offset, data]),"
              + "welcome: () => (window.welcomed = true), over: why => (window.why = why)}); null");
      page.await("window.welcomed");
    }
    throughBothDeaths(() ->
        pages.forEach(page ->
            page.eval(
                "for (let i = 0; i < "
                    + A_FEW
                    + "; i++) room.publish(crypto.randomUUID()); null")));
    int all = TIMES * A_FEW * pages.size();
    for (var page : pages) {
      await().atMost(WITHIN).untilAsserted(() -> assertThat(seen(page).size()).isEqualTo(all));
    }
    var log = seen(pages.getFirst());
    assertThat(seen(pages.getLast())).isEqualTo(log);
    assertThat(log.valueStream().map(one -> one.required(0).asInt()))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, all).boxed().toList());
    assertThat(log.valueStream().map(one -> one.required(1).asText())).doesNotHaveDuplicates();
    // And it knows when to stop.
    pages.getFirst().eval("fetch('/auth/logout', {method: 'POST'}).then(() => null)");
    pages.getFirst().await("window.why === 4001 || window.why === 401");
    pages.getLast().eval("room.leave()");
    pages.getLast().await("window.why === 'left'");
  }

  private static JsonNode seen(Page page) {
    return page.eval("seen");
  }
}
