package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** One answer with a body of text. Immutable. */
record Answer(int status, Headers headers, String body) {
  /**
   * The body as JSON.
   *
   * @throws IllegalStateException with the whole answer, when it is not
   */
  JsonNode json() {
    return Json.parse(body);
  }

  Optional<String> header(String name) {
    return headers.first(name);
  }
}
