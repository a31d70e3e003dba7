package dev.sallyport.user.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** This worker's own {@code routes.json}, the last one that could be taken. Blocks. Thread-safe. */
final class RouteFile {
  static final int BYTES_MAX = 1024 * 1024;

  private final Path path;
  private final RouteReader reader;
  private final InstantSource clock;
  private byte @Nullable [] lastSeen;
  private long lastModifiedAt;
  private @Nullable RouteError refused;
  private Edition edition = Edition.NONE;

  RouteFile(Path path, RouteReader reader, InstantSource clock) {
    this.path = path;
    this.reader = reader;
    this.clock = clock;
  }

  /**
   * The routes as they are in the file now; none where there is no file.
   *
   * @throws RouteError where the content cannot be taken; what could be taken last stays with the
   *     caller
   */
  synchronized Edition read() throws RouteError {
    if (!Files.exists(path)) {
      lastSeen = null;
      edition = Edition.NONE;
      return edition;
    }
    long modifiedAt = modifiedAt();
    var content = content();
    if (modifiedAt != lastModifiedAt || !Arrays.equals(content, lastSeen)) {
      lastModifiedAt = modifiedAt;
      lastSeen = content;
      refused = null;
      try {
        edition = edition(content);
      } catch (RouteError e) {
        refused = e;
      }
    }
    if (refused != null) {
      throw refused;
    }
    return edition;
  }

  private Edition edition(byte[] content) throws RouteError {
    var text = text(content);
    var read = reader.read(text);
    // A file from the future would outdo all that are written until then.
    long writtenAt = Math.min(lastModifiedAt, clock.millis());
    return new Edition(read.version(), writtenAt, text, read.table());
  }

  private byte[] content() throws RouteError {
    // A pipe would be waited for.
    if (!Files.isRegularFile(path)) {
      throw RouteError.unreadable(path + " is no file");
    }
    try (var in = Files.newInputStream(path)) {
      var content = in.readNBytes(BYTES_MAX + 1);
      if (content.length > BYTES_MAX) {
        throw RouteError.at("the file", "at most " + BYTES_MAX + " bytes", "more");
      }
      return content;
    } catch (IOException e) {
      throw RouteError.unreadable(path + " cannot be read: " + e);
    }
  }

  private static String text(byte[] content) throws RouteError {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw RouteError.at("the file", "UTF-8", "other bytes");
    }
  }

  private long modifiedAt() throws RouteError {
    try {
      return Files.getLastModifiedTime(path).toMillis();
    } catch (IOException e) {
      throw RouteError.unreadable(path + " cannot be read: " + e);
    }
  }
}
