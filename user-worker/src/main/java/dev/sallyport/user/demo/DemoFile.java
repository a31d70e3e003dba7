package dev.sallyport.user.demo;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * One file of the page. Immutable: nobody changes the content, which all answers share.
 *
 * @param type as in {@code Content-Type}
 * @param tag as in {@code ETag}: another content has another one
 */
record DemoFile(String type, String tag, Buffer content) {
  /** Reads a file beside this class; one that is not there is a defect of the build. */
  static DemoFile read(String name) {
    try (var in = DemoFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not among the resources of the demo");
      }
      return of(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DemoFile of(String name, byte[] content) {
    return new DemoFile(type(name), tag(content), Buffer.buffer(content));
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      default -> throw new IllegalArgumentException(name + " has no type that is known here");
    };
  }

  private static String tag(byte[] content) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has it", e);
    }
  }

  /** Whether {@code If-None-Match} names it, by the weak comparison of RFC 9110, 13.1.2. */
  boolean isAmong(List<String> ifNoneMatch) {
    return ifNoneMatch.stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .anyMatch(named -> named.equals("*") || named.equals(tag) || named.equals("W/" + tag));
  }
}
