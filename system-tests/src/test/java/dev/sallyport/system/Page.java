package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/**
 * One page in a browser, used as a person does: by pointer and keys where it matters. Elements are
 * found by CSS selectors. Confined to one thread.
 */
final class Page {
  private static final Duration WITHIN = Duration.ofSeconds(30);

  /** Of keys that are no characters: the code that pages used to look at, and what it types. */
  private static final Map<String, Integer> KEY_CODES =
      Map.of(
          "Tab", 9, "Enter", 13, "ArrowLeft", 37, "ArrowUp", 38, "ArrowRight", 39, "ArrowDown", 40);

  private final DevTools tools;
  private final String session;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private Page(DevTools tools, String session) {
    this.tools = tools;
    this.session = session;
  }

  static Page attached(DevTools tools, String session) {
    var page = new Page(tools, session);
    tools.follow(session, page::happened);
    page.call("Page.enable", Map.of());
    page.call("Runtime.enable", Map.of());
    page.call("Log.enable", Map.of());
    page.size(1280, 800);
    return page;
  }

  /** What no page should do: throw what nobody catches, or try what its policy forbids. */
  private void happened(JsonNode event) {
    var details = event.path("params");
    switch (event.required("method").asText()) {
      case "Runtime.exceptionThrown" -> complaints.add(details.path("exceptionDetails").toString());
      case "Log.entryAdded" -> {
        if (details.path("entry").path("source").asText().equals("security")) {
          complaints.add(details.path("entry").toString());
        }
      }
      case "Page.javascriptDialogOpening" ->
          complaints.add("a dialog: " + details.path("message").asText());
      default -> {
        // Ordinary life.
      }
    }
  }

  /** Whether nothing went wrong that a person would not have seen. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    return tools.call(session, method, parameters);
  }

  void close() {
    call("Page.close", Map.of());
  }

  /** Of what is seen, in CSS pixels. */
  void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Goes there and waits until all is loaded. */
  void open(URI address) {
    call("Page.navigate", Map.of("url", address.toString()));
    await(
        "location.href === "
            + quoted(address.toString())
            + " && document.readyState === 'complete'");
  }

  /** A text as JavaScript writes it. */
  static String quoted(String text) {
    return Json.write(text);
  }

  /**
   * The value of an expression, or what it promises.
   *
   * @throws IllegalStateException where it throws
   */
  JsonNode eval(String expression) {
    var answer =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer.required("exceptionDetails"));
    }
    return answer.required("result").path("value");
  }

  /** Waits until this is true. */
  void await(String condition) {
    Awaitility.await(condition)
        .atMost(WITHIN)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions() // in between two pages there is nothing to ask
        .until(() -> eval("Boolean(" + condition + ")").asBoolean());
  }

  private static String element(String selector) {
    return "document.querySelector(" + quoted(selector) + ")";
  }

  boolean isSeen(String selector) {
    return eval(element(selector) + "?.checkVisibility() === true").asBoolean();
  }

  void awaitSeen(String selector) {
    await(element(selector) + "?.checkVisibility()");
  }

  String text(String selector) {
    return eval(element(selector) + ".textContent").asText();
  }

  /** The texts of all that match, in their order. */
  List<String> texts(String selector) {
    var found =
        eval("[...document.querySelectorAll(" + quoted(selector) + ")].map(e => e.textContent)");
    return found.valueStream().map(JsonNode::asText).toList();
  }

  /** What stands in a field. */
  String value(String selector) {
    return eval(element(selector) + ".value").asText();
  }

  /** Puts a text in place of what a field has. */
  void fill(String selector, String text) {
    awaitSeen(selector);
    eval(element(selector) + ".focus(); " + element(selector) + ".select()");
    call("Input.insertText", Map.of("text", text));
  }

  /** Clicks where the element's middle is. */
  void click(String selector) {
    awaitSeen(selector);
    eval(element(selector) + ".scrollIntoView({block: 'center'})");
    var at = point(selector, 0.5, 0.5);
    for (var type : List.of("mousePressed", "mouseReleased")) {
      mouse(type, at, Map.of("button", "left", "clickCount", 1));
    }
  }

  /** Moves the pointer to a place within the element, each from 0 to 1. */
  void pointAt(String selector, double x, double y) {
    mouse("mouseMoved", point(selector, x, y), Map.of());
  }

  private JsonNode point(String selector, double x, double y) {
    return eval(
        "(box => [box.x + box.width * "
            + x
            + ", box.y + box.height * "
            + y
            + "])("
            + element(selector)
            + ".getBoundingClientRect())");
  }

  private void mouse(String type, JsonNode at, Map<String, ?> more) {
    var event = new HashMap<String, Object>(more);
    event.put("type", type);
    event.put("x", at.required(0).asDouble());
    event.put("y", at.required(1).asDouble());
    call("Input.dispatchMouseEvent", event);
  }

  /** Presses a key such as {@code Tab} once. */
  void press(String key) {
    int code = KEY_CODES.getOrDefault(key, 0);
    var event = new HashMap<String, Object>();
    event.put("key", key);
    event.put("code", key);
    event.put("windowsVirtualKeyCode", code);
    if (key.equals("Enter")) {
      event.put("text", "\r");
    }
    event.put("type", key.equals("Enter") ? "keyDown" : "rawKeyDown");
    call("Input.dispatchKeyEvent", event);
    event.remove("text");
    event.put("type", "keyUp");
    call("Input.dispatchKeyEvent", event);
  }

  /** What is told to somebody who does not see the page: {@code role name}, in reading order. */
  List<String> accessible() {
    return call("Accessibility.getFullAXTree", Map.of())
        .required("nodes")
        .valueStream()
        .filter(node -> !node.path("ignored").asBoolean())
        .map(node ->
            node.path("role").path("value").asText()
                + " "
                + node.path("name").path("value").asText())
        .toList();
  }

  /** Whether the browser tells pages that its user wants it dark, and nothing to move. */
  void prefer(String scheme, boolean reducedMotion) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", scheme),
                Map.of(
                    "name",
                    "prefers-reduced-motion",
                    "value",
                    reducedMotion ? "reduce" : "no-preference"))));
  }

  /** A picture of what is seen, as PNG. */
  void picture(Path file) {
    var picture = call("Page.captureScreenshot", Map.of("format", "png"));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, Base64.getDecoder().decode(picture.required("data").asText()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
