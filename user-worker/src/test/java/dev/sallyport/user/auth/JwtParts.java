package dev.sallyport.user.auth;

import dev.sallyport.user.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** A token taken apart, unverified. */
record JwtParts(Map<String, Object> header, Map<String, Object> claims) {
  static JwtParts of(String token) {
    var parts = token.split("\\.", -1);
    return new JwtParts(object(parts[0]), object(parts[1]));
  }

  private static Map<String, Object> object(String part) {
    return Json.object(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
  }

  String claim(String name) {
    return String.valueOf(claims.get(name));
  }
}
