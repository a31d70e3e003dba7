package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Caller;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What waits in a mailbox. */
sealed interface Ask<S> {
  /** Told that it will not be served. */
  void fail(RuntimeException why);

  /**
   * A call.
   *
   * @param body JSON as it came
   * @param key what makes a second one the same; null for none
   * @param deadline when its caller has stopped waiting, by the ticker
   * @param reply JSON, or what the call is answered instead
   * @param begun set by whoever is first: the turn that begins, or a caller that does not want it
   *     any more
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  record Call<S>(
      Behaviour.Method<S, ?> method,
      @Nullable Caller caller,
      byte[] body,
      @Nullable Key key,
      long deadline,
      CompletableFuture<String> reply,
      AtomicBoolean begun)
      implements Ask<S> {
    @Override
    public void fail(RuntimeException why) {
      reply.completeExceptionally(why);
    }
  }

  /**
   * A call that came as a row; the row says the rest.
   *
   * @param message its row
   * @param seen told when it has been seen to: null, or why it was not
   */
  record Mail<S>(
      Behaviour.Method<S, ?> method, long message, Consumer<@Nullable RuntimeException> seen)
      implements Ask<S> {
    @Override
    public void fail(RuntimeException why) {
      seen.accept(why);
    }
  }

  /**
   * An alarm that is due.
   *
   * @param done told when it has been seen to, one way or the other
   */
  record Ring<S>(Behaviour.Alarm<S> alarm, Runnable done) implements Ask<S> {
    @Override
    public void fail(RuntimeException why) {
      done.run();
    }
  }

  /**
   * An idempotency key.
   *
   * @param principal whose it is
   * @param hash of what came with it, SHA-256
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by hand where it is
  record Key(String principal, String value, byte[] hash) {
    /** The principal that code of this system is. */
    static final String SYSTEM = "";

    static final int LENGTH_MAX = 255;

    /** Whether a key can look so. */
    static boolean isKey(String value) {
      return !value.isEmpty()
          && value.length() <= LENGTH_MAX
          && value.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /** A key for any text: itself, or a hash of what is too long or not printable. */
    static String shortened(String text) {
      return isKey(text)
          ? text
          : "sha256:"
              + HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Key of(String principal, String value, String method, byte[] body) {
      var sha256 = sha256();
      sha256.update(method.getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      return new Key(principal, value, sha256.digest(body));
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    /** What is kept with this answer. */
    Change.Reply reply(String json) {
      return new Change.Reply(principal, value, hash, json);
    }

    /** Of which there is one per actor. */
    Name name() {
      return new Name(principal, value);
    }
  }

  /** Whose key, and which. */
  record Name(String principal, String value) {}
}
