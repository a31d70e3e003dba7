package dev.sallyport.user.platform;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;

/** What a request says that its body is. Pure. */
public final class MediaTypes {
  private static final String JSON = "application/json";

  private MediaTypes() {}

  /** Whether it is JSON. One that says nothing of its type is taken for it. */
  public static boolean isJson(MultiMap headers) {
    var type = headers.get(HttpHeaders.CONTENT_TYPE);
    if (type == null) {
      return true;
    }
    int end = type.indexOf(';');
    var plain = (end < 0 ? type : type.substring(0, end)).strip();
    return plain.toLowerCase(Locale.ROOT).equals(JSON);
  }
}
