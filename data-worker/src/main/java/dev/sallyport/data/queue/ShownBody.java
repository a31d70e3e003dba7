package dev.sallyport.data.queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;

/** Shows bodies of messages within JSON. Thread-safe. */
@Singleton
class ShownBody {
  /** As Jackson comes: a body may be what our own rules refuse, and is shown all the same. */
  private final JsonFactory json = new JsonFactory();

  @Inject
  ShownBody() {}

  /** The body as it was sent; one that is no JSON becomes a string. */
  String of(String body) {
    return isJson(body)
        ? body
        : '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(body)) + '"';
  }

  private boolean isJson(String body) {
    try (var parser = json.createParser(body)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false; // which is what was asked
    }
  }
}
