package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Somebody at {@code /demo/room}, as a person uses it. Confined to one thread. */
final class RoomPage {
  private final Page page;

  private RoomPage(Page page) {
    this.page = page;
  }

  /** Goes there for the first time. */
  static RoomPage visit(Browser browser, URI worker) {
    var page = browser.newPerson();
    page.open(worker.resolve("/demo/room"));
    page.awaitSeen("#sign-in");
    return new RoomPage(page);
  }

  Page page() {
    return page;
  }

  /** Makes an account, which signs in. */
  RoomPage register(String email, String name) {
    page.fill("#email", email);
    page.fill("#password", Accounts.PASSWORD);
    page.fill("#name", name);
    page.click("#register-button");
    page.awaitSeen("#choose");
    return this;
  }

  RoomPage signIn(String email) {
    page.fill("#email", email);
    page.fill("#password", Accounts.PASSWORD);
    page.click("#sign-in-button");
    return this;
  }

  RoomPage goIn(String room) {
    page.fill("#room-name", room);
    page.click("#choose-form button");
    page.awaitSeen("#room");
    awaitConnected();
    return this;
  }

  void awaitConnected() {
    page.await("document.querySelector('#connection').dataset.state === 'connected'");
  }

  void awaitNotConnected() {
    page.await("document.querySelector('#connection').dataset.state !== 'connected'");
  }

  /** Types a message and sends it with Enter. */
  void say(String text) {
    page.fill("#say", text);
    page.press("Enter");
  }

  /** The texts of the log, without what is still being sent. */
  List<String> messages() {
    return page.texts("#messages li[data-offset] .text");
  }

  /** What the room has numbered them with. */
  List<Integer> offsets() {
    return page.eval(
            "[...document.querySelectorAll('#messages li[data-offset]')].map(e => +e.dataset.offset)")
        .valueStream()
        .map(JsonNode::asInt)
        .toList();
  }

  int pending() {
    return page.texts("#messages .pending").size();
  }

  Set<String> members() {
    return new TreeSet<>(page.texts("#members li"));
  }

  /** The names at the pointers of others. */
  List<String> cursors() {
    return page.texts("#board .cursor");
  }

  void pointAt(double x, double y) {
    page.pointAt("#board", x, y);
  }

  void setTopic(String topic) {
    page.fill("#topic", topic);
    page.press("Enter");
  }

  String topic() {
    return page.value("#topic");
  }

  String topicNote() {
    return page.text("#topic-note");
  }
}
