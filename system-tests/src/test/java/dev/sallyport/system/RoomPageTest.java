package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two people at {@code /demo/room}, each with a browser's page of their own. */
@ExtendWith(SharedDeployment.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoomPageTest {
  private static final Path LOGS = Path.of("target", "system-tests", "room-page");
  private static final Duration WITHIN = Duration.ofSeconds(20);
  private static final int PICTURE_BYTES_MAX = 150 * 1024;
  private static final String MARKUP = "<img src=x onerror=\"window.hurt=1\"><b>bold</b>&amp;";

  private final Deployment deployment;
  private final List<Page> opened = new ArrayList<>();
  private Browser browser;
  private String room;

  RoomPageTest(Deployment deployment) {
    this.deployment = deployment;
  }

  @BeforeAll
  void start() {
    browser = Browser.start(LOGS.resolve("chromium.log"));
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void nameARoom() {
    room = "r" + UUID.randomUUID().toString().substring(0, 8);
    opened.clear();
  }

  @AfterEach
  void noPageHasComplained() {
    opened.forEach(page -> assertThat(page.complaints()).isEmpty());
    opened.forEach(Page::close);
  }

  private RoomPage visit() {
    var visitor = RoomPage.visit(browser, deployment.userWorker().url());
    opened.add(visitor.page());
    return visitor;
  }

  private RoomPage somebody(String name) {
    return visit().register(Accounts.freshEmail(), name);
  }

  private static void eventually(Runnable assertions) {
    await().atMost(WITHIN).untilAsserted(assertions::run);
  }

  @Test
  void twoPeopleTalkAndSeeEachOtherAndWhatTheyPointAt() {
    var ada = somebody("Ada").goIn(room);
    var bob = somebody("Bob").goIn(room);
    ada.say("hello Bob");
    eventually(() -> assertThat(bob.messages()).containsExactly("hello Bob"));
    bob.say("hello Ada");
    eventually(() -> assertThat(ada.messages()).containsExactly("hello Bob", "hello Ada"));
    eventually(() -> assertThat(ada.members()).containsExactly("Ada (you)", "Bob"));
    eventually(() -> assertThat(bob.members()).containsExactly("Ada", "Bob (you)"));
    bob.pointAt(0.25, 0.5);
    eventually(() -> assertThat(ada.cursors()).containsExactly("Bob"));
    assertThat(bob.cursors()).isEmpty();
    bob.page().click("#leave-button");
    eventually(() -> assertThat(ada.cursors()).isEmpty());
    eventually(() -> assertThat(ada.members()).containsExactly("Ada (you)"));
    // Later, by the same link, all of it is still there.
    bob.page().awaitSeen("#choose");
    bob.goIn(room);
    eventually(() -> assertThat(bob.messages()).containsExactly("hello Bob", "hello Ada"));
  }

  @Test
  void aPointerThatIsSilentIsTakenAway() {
    var ada = somebody("Ada").goIn(room);
    var bob = somebody("Bob").goIn(room);
    bob.page().eval("document.querySelector('#board').focus()");
    bob.page().press("ArrowLeft");
    eventually(() -> assertThat(ada.cursors()).containsExactly("Bob"));
    eventually(() -> assertThat(ada.cursors()).isEmpty());
  }

  @Test
  void whatPeopleWriteIsShownAsText() {
    var ada = somebody("Ada").goIn(room);
    var eve = somebody("Eve<script>1</script>").goIn(room);
    eve.say(MARKUP);
    eve.setTopic(MARKUP);
    eve.pointAt(0.5, 0.5);
    eventually(() -> assertThat(ada.messages()).containsExactly(MARKUP));
    eventually(() -> assertThat(ada.topic()).isEqualTo(MARKUP));
    eventually(
        () -> assertThat(ada.members()).containsExactly("Ada (you)", "Eve<script>1</script>"));
    eventually(() -> assertThat(ada.cursors()).containsExactly("Eve<script>1</script>"));
    assertThat(ada.topicNote()).isEqualTo("set by Eve<script>1</script>");
    for (var page : opened) {
      assertThat(
              page.eval("document.querySelectorAll('main img, main b, main script').length")
                  .asInt())
          .isZero();
      assertThat(page.eval("window.hurt === undefined").asBoolean()).isTrue();
    }
  }

  @Test
  void whoeverChangesTheTopicBehindAnothersBackIsNamedAndNothingIsLost() {
    var ada = somebody("Ada").goIn(room);
    var bob = somebody("Bob").goIn(room);
    ada.setTopic("Lunch");
    eventually(() -> assertThat(bob.topic()).isEqualTo("Lunch"));
    bob.page().fill("#topic", "Dinner");
    ada.setTopic("Brunch");
    eventually(() -> assertThat(bob.topicNote()).contains("Ada", "Brunch", "save again"));
    assertThat(bob.topic()).isEqualTo("Dinner");
    bob.setTopic("Dinner");
    eventually(() -> assertThat(ada.topic()).isEqualTo("Dinner"));
    eventually(() -> assertThat(ada.topicNote()).isEqualTo("set by Bob"));
  }

  @Test
  void whoseSessionEndsIsAskedToSignInAgain() {
    var ada = somebody("Ada").goIn(room);
    ada.page().eval("fetch('/auth/logout', {method: 'POST'}).then(answer => answer.status)");
    ada.page().awaitSeen("#sign-in");
    assertThat(ada.page().text("#notice")).contains("session has ended");
    assertThat(ada.page().eval("document.activeElement.id").asText()).isEqualTo("sign-in-title");
  }

  @Test
  void whoMayNotBeInTheRoomIsToldSo() {
    var ada = somebody("Ada").goIn(room);
    var bob = somebody("Bob").goIn(room);
    int status =
        ada.page()
            .eval(
                "fetch('/api/internal/rooms/"
                    + room
                    + "', {method: 'PUT', headers: {'Content-Type': 'application/json'},"
                    + " body: '{\"access\":\"members\",\"members\":[]}'})"
                    + ".then(answer => answer.status)")
            .asInt();
    assertThat(status).isEqualTo(200);
    bob.page().awaitSeen("#choose");
    assertThat(bob.page().text("#notice")).contains("not open to you");
    bob.page().click("#choose-form button");
    bob.page().await("document.querySelector('#notice').textContent.includes('not open to you')");
    ada.say("alone");
    eventually(() -> assertThat(ada.messages()).containsExactly("alone"));
  }

  @Test
  void everythingCanBeReachedByKeysInTheOrderInWhichItIsRead() {
    var page = visit().page();
    assertThat(tabbedFrom(page, "email", 4))
        .containsExactly("email", "password", "name", "sign-in-button", "register-button");
    var ada = new ArrayList<String>();
    var somebody = somebody("Ada").goIn(room).page();
    ada.addAll(tabbedFrom(somebody, "leave-button", 6));
    assertThat(ada).containsExactly("leave-button", "topic", "Save", "log", "say", "Send", "board");
  }

  /** What has the focus, by its id or else its text, from this element on. */
  private static List<String> tabbedFrom(Page page, String id, int tabs) {
    page.eval("document.getElementById('" + id + "').focus()");
    var seen = new ArrayList<String>();
    seen.add(focused(page));
    for (int i = 0; i < tabs; i++) {
      page.press("Tab");
      seen.add(focused(page));
      assertThat(page.eval("getComputedStyle(document.activeElement).outlineStyle").asText())
          .as("the focus on %s is seen", seen.getLast())
          .isEqualTo("solid");
    }
    return seen;
  }

  private static String focused(Page page) {
    return page.eval("document.activeElement.id || document.activeElement.textContent").asText();
  }

  @Test
  void whoDoesNotSeeThePageIsToldWhatEverythingIs() {
    var page = visit().page();
    assertThat(page.accessible())
        .contains(
            "heading Who are you?",
            "textbox Email",
            "textbox Password",
            "button Sign in",
            "button Register",
            "textbox Your name, for a new account");
    var inRoom = somebody("Ada").goIn(room).page();
    assertThat(inRoom.accessible())
        .contains(
            "heading Room " + room,
            "log Messages",
            "list Here now",
            "textbox Topic",
            "textbox Your message",
            "button Send",
            "button Leave",
            "application Point at something");
    assertThat(inRoom.eval("document.querySelector('#connection').role ?? 'none'").asText())
        .isEqualTo("status");
    for (var each : List.of(page, inRoom)) {
      assertThat(each.eval("document.documentElement.lang").asText()).isEqualTo("en");
      assertThat(
              each.eval(
                      "[...document.querySelectorAll('input')].every(one => one.labels.length === 1)")
                  .asBoolean())
          .isTrue();
    }
  }

  @Test
  void itIsReadableOnASmallScreenByDayAndByNight() throws IOException {
    var contrast = Files.readString(Path.of("src/test/resources/contrast.js"));
    var ada = somebody("Ada").goIn(room);
    ada.say("a".repeat(300));
    ada.setTopic("what to read");
    eventually(() -> assertThat(ada.messages()).hasSize(1));
    var page = ada.page();
    for (var scheme : List.of("light", "dark")) {
      page.prefer(scheme, true);
      for (int width : new int[] {320, 1280}) {
        page.size(width, 720);
        assertThat(page.eval("document.documentElement.scrollWidth <= innerWidth").asBoolean())
            .as("nothing is wider than %d", width)
            .isTrue();
      }
      assertThat(page.eval(contrast).valueStream().map(one -> one.asText()).toList())
          .as("text that is hard to see by %s", scheme)
          .isEmpty();
    }
    ada.pointAt(0.5, 0.5);
    assertThat(
            page.eval(
                    "matchMedia('(prefers-reduced-motion: reduce)').matches"
                        + " && [...document.styleSheets].flatMap(s => [...s.cssRules])"
                        + ".some(r => r.conditionText?.includes('prefers-reduced-motion'))")
                .asBoolean())
        .isTrue();
  }

  /** Kept at {@code docs/pictures/demo-room.png}: copy it there when the page changes. */
  @Test
  void aPictureOfItIsTakenForTheReadme() throws IOException {
    var plaza = "plaza" + room;
    var ada = somebody("Ada").goIn(plaza);
    var bob = somebody("Bob").goIn(plaza);
    ada.setTopic("Where do we eat?");
    ada.say("Shall we try the new place by the river?");
    eventually(() -> assertThat(bob.messages()).hasSize(1));
    bob.say("Gladly. Where is it?");
    eventually(() -> assertThat(ada.messages()).hasSize(2));
    ada.say("Behind the mill. Show me where you are?");
    eventually(() -> assertThat(bob.messages()).hasSize(3));
    bob.say("Here, on the map.");
    eventually(() -> assertThat(ada.messages()).hasSize(4));
    ada.page().size(1000, 590);
    ada.page().eval("document.querySelector('#room-title').textContent = 'Room plaza'");
    ada.pointAt(0.3, 0.3);
    bob.pointAt(0.62, 0.55);
    eventually(() -> assertThat(ada.cursors()).containsExactly("Bob"));
    var picture = LOGS.resolve("demo-room.png");
    ada.page().picture(picture);
    assertThat(Files.size(picture)).isBetween(1_000L, (long) PICTURE_BYTES_MAX);
  }
}
