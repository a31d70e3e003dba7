package dev.sallyport.system;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Some bytes, equal by content. Immutable. */
final class Bytes {
  static final Bytes NONE = new Bytes(new byte[0]);

  private final byte[] bytes;

  private Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes the array over: nobody may write to it afterwards. */
  static Bytes of(byte[] bytes) {
    return new Bytes(bytes);
  }

  static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  int length() {
    return bytes.length;
  }

  ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** As UTF-8. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** One character for each byte. */
  String latin1() {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length > 200 ? bytes.length + " bytes" : latin1();
  }
}
