package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page's client makes of what a room seldom does; the room is {@code room-bench.js}. */
@ExtendWith(SharedDeployment.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class RoomClientTest {
  private static final Path BENCH = Path.of("src", "test", "resources", "room-bench.js");
  private static final Path LOG = Path.of("target", "system-tests", "room-client", "chromium.log");

  private final Deployment deployment;
  private Browser browser;
  private Page page;

  RoomClientTest(Deployment deployment) {
    this.deployment = deployment;
  }

  @BeforeAll
  void start() {
    browser = Browser.start(LOG);
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void join() throws IOException {
    page = browser.newPerson();
    page.open(deployment.userWorker().url().resolve("/demo/room"));
    page.eval(Files.readString(BENCH));
    assertThat(page.eval("bench.last.url").asText()).endsWith("/rooms/a%20room/socket");
  }

  @AfterEach
  void leave() {
    assertThat(page.complaints()).isEmpty();
    page.close();
  }

  private void run(String script) {
    page.eval(script + "; null");
  }

  private void awaitSeen(Integer... offsets) {
    page.await(
        "JSON.stringify(bench.seen()) === "
            + Page.quoted(List.of(offsets).toString().replace(" ", "")));
  }

  /** Waits until it has connected so many times. */
  private void awaitSockets(int count) {
    page.await("bench.sockets.length === " + count);
  }

  private List<String> asked() {
    return page.eval("bench.asked").valueStream().map(JsonNode::asText).toList();
  }

  @Test
  void whoComesInIsShownWhatWasSaidAndWhoComesBackWhatWasMissed() {
    run("bench.history = [1, 2, 3]; bench.welcomes(3, false); bench.sends(4)");
    awaitSeen(1, 2, 3, 4);
    run("bench.ends(1006)");
    awaitSockets(2);
    assertThat(page.eval("bench.last.url").asText()).endsWith("?epoch=e1&offset=4");
    run("bench.welcomes(6, true); bench.sends(4, 5, 6)");
    awaitSeen(1, 2, 3, 4, 5, 6);
  }

  @Test
  void whatARoomDoesNotSendAgainIsReadBeforeWhatIsSaidMeanwhile() {
    run("bench.welcomes(0, false); bench.sends(1, 2)");
    awaitSeen(1, 2);
    run("bench.ends(1006)");
    awaitSockets(2);
    run("bench.history = [1, 2, 3, 4, 5, 6, 7]; bench.welcomes(7, false); bench.sends(8)");
    awaitSeen(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(asked()).allSatisfy(url -> assertThat(url).contains("/messages?after="));
  }

  @Test
  void whatIsNoLongerKeptIsSaidToBeMissing() {
    run("bench.welcomes(0, false); bench.sends(1)");
    run("bench.ends(1006)");
    awaitSockets(2);
    run("bench.history = [5, 6]; bench.welcomes(6, false)");
    awaitSeen(1, 5, 6);
    assertThat(page.eval("bench.told.find(([what]) => what === 'missed')[1]").asInt()).isEqualTo(3);
  }

  @Test
  void anotherLogIsBegunAnew() {
    run("bench.history = [1, 2]; bench.welcomes(2, false)");
    awaitSeen(1, 2);
    run("bench.ends(1006)");
    awaitSockets(2);
    run("bench.told.length = 0; bench.history = [1]; bench.welcomes(1, false, 'e2')");
    awaitSeen(1);
    assertThat(page.eval("bench.told.some(([what]) => what === 'reset')").asBoolean()).isTrue();
  }

  @Test
  void aGapIsNotShownButAskedFor() {
    run("bench.welcomes(0, false); bench.sends(1, 3)");
    awaitSockets(2);
    run("bench.welcomes(3, true); bench.sends(2, 3)");
    awaitSeen(1, 2, 3);
  }

  @Test
  void whatIsNotAcknowledgedIsSentAgainUnderItsIdAndNotAfterwards() {
    run("bench.id = bench.client.publish({text: 'early'}); bench.welcomes(0, false)");
    page.await("bench.last.sent.some(({type, id}) => type === 'publish' && id === bench.id)");
    run("bench.ends(1012)");
    awaitSockets(2);
    run("bench.welcomes(1, true); bench.sends(1)");
    page.await("bench.last.sent.length === 1 && bench.last.sent[0].id === bench.id");
    run("bench.says({type: 'error', id: bench.id, code: 'unavailable', detail: ''})");
    page.await("bench.last.sent.length === 2 && bench.last.sent[1].id === bench.id");
    run("bench.says({type: 'ack', id: bench.id, offset: 1, at: ''})");
    page.await("bench.client.unacknowledged === 0");
    run("bench.ends(1012)");
    awaitSockets(3);
    run("bench.welcomes(1, true)");
    page.await("bench.told.filter(([what, state]) => state === 'connected').length === 3");
    assertThat(page.eval("bench.last.sent").size()).isZero();
  }

  @Test
  void whatTheRoomRefusesIsNotSentAgain() {
    run("bench.welcomes(0, false)");
    page.await("bench.told.some(([what, state]) => state === 'connected')");
    run("bench.id = bench.client.publish({text: 'long'})");
    run("bench.says({type: 'error', id: bench.id, code: 'too-large', detail: ''})");
    page.await("bench.told.some(([what, , code]) => what === 'refused' && code === 'too-large')");
    assertThat(page.eval("bench.client.unacknowledged").asInt()).isZero();
  }

  @Test
  void aChangeThatWasMadeBeforeTheConnectionBrokeIsNoConflict() {
    run("bench.welcomes(0, false, 'e1', {topic: {value: 'old', version: 1}})");
    page.await("bench.told.some(([what, state]) => state === 'connected')");
    run("bench.client.set('topic', 'new', 1); bench.ends(1006)");
    awaitSockets(2);
    run("bench.welcomes(0, true, 'e1', {topic: {value: 'new', version: 2}})");
    page.await("bench.told.filter(([what, state]) => state === 'connected').length === 2");
    assertThat(page.eval("bench.told.some(([what]) => what === 'unset')").asBoolean()).isFalse();
    assertThat(page.eval("bench.last.sent").size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1006, waiting, 0, 1",
    "1012, waiting, 0, 1",
    "4008, waiting, 0, 1",
    "4029, waiting, 15, 31",
    "4001, signed-out, 0, 0",
    "4003, forbidden, 0, 0"
  })
  void eachCloseCodeHasItsAnswer(int code, String answer, int secondsMin, int secondsMax) {
    run("bench.welcomes(0, false)");
    page.await("bench.told.some(([what, state]) => state === 'connected')");
    run("bench.ends(" + code + ")");
    page.await("bench.told.some(([what, how]) => how === '" + answer + "')");
    var last = page.eval("bench.told.findLast(([what, how]) => how === '" + answer + "')");
    assertThat(last.path(2).asInt()).isBetween(secondsMin, secondsMax);
  }

  @ParameterizedTest
  @CsvSource({"401, signed-out", "403, forbidden", "404, no-such-room"})
  void anUpgradeThatIsRefusedIsAskedAbout(int status, String answer) {
    run("bench.status = " + status + "; bench.ends(1006)");
    page.await("bench.told.some(([what, how]) => what === 'over' && how === '" + answer + "')");
    assertThat(page.eval("bench.sockets.length").asInt()).isEqualTo(1);
  }

  @Test
  void aWorkerThatIsAwayIsWaitedForWithMorePatienceEachTime() {
    run("bench.status = 503; bench.ends(1006)");
    for (int i = 2; i <= 4; i++) {
      awaitSockets(i);
      run("bench.ends(1006)");
    }
    var waits = page.eval("bench.told.filter(([, state]) => state === 'waiting').map(w => w[2])");
    assertThat(waits.required(0).asInt()).isEqualTo(1);
    assertThat(waits.required(3).asInt()).isBetween(2, 4);
  }
}
