package dev.sallyport.data.rpc;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** Cuts values out of JSON as they are written there. */
final class Slices {
  private Slices() {}

  /**
   * The text of the value that the parser is at; afterwards it is at its end.
   *
   * @param json what the parser reads
   */
  static String value(JsonParser parser, String json) throws IOException {
    int begin = (int) parser.currentTokenLocation().getCharOffset();
    if (parser.currentToken().isScalarValue()) {
      // Read it to its end: a parser is lazy.
      parser.finishToken();
    } else {
      parser.skipChildren();
    }
    return json.substring(begin, (int) parser.currentLocation().getCharOffset());
  }
}
