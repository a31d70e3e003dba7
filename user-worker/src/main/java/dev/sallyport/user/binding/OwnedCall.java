package dev.sallyport.user.binding;

import dev.sallyport.model.WorkerHeaders;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.StreamResetException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call to an actor or a room, of which one worker is the owner. It goes to whoever was that
 * last, else to any worker; one that is not the owner answers 421, before any effect, and names who
 * is: there the call goes next. Once: whoever is named may be wrong by then too, and says so.
 *
 * <p>All within the time that the call has. Confined to one event loop.
 */
final class OwnedCall {
  static final int MISDIRECTED = 421;

  /** Signs a call and opens a connection for it. */
  interface Opener {
    /**
     * Fails where no connection can be made.
     *
     * @param at null for the binding's own address
     */
    Future<HttpClientRequest> open(BindingCall call, @Nullable WorkerAddress at);
  }

  /** No owner was found; nothing has had an effect. */
  static final class NoOwner extends Exception {
    private static final long serialVersionUID = 1;

    private NoOwner(String message) {
      super(message, null, false, false);
    }
  }

  private static final Duration LEAST = Duration.ofMillis(1);

  private final Owners owners;
  private final String thing;
  private final BindingCall call;
  private final Opener opener;
  private final Function<HttpClientRequest, Future<HttpClientResponse>> ask;
  private final long began = System.nanoTime();
  private boolean followed;

  /**
   * @param ask sends what the caller has to say; called again for each worker that is tried
   */
  OwnedCall(
      Owners owners,
      String thing,
      BindingCall call,
      Opener opener,
      Function<HttpClientRequest, Future<HttpClientResponse>> ask) {
    this.owners = owners;
    this.thing = thing;
    this.call = call;
    this.opener = opener;
    this.ask = ask;
  }

  /** The head of the owner's answer, or of anybody's that is no 421. */
  Future<HttpClientResponse> send() {
    return owners
        .recall(thing)
        .compose(owner -> owner.map(this::askRemembered).orElseGet(this::askAnybody));
  }

  private Future<HttpClientResponse> askAnybody() {
    return open(null).compose(opened -> ask(opened, null));
  }

  /** Nothing was sent where no connection was made: anybody else can still be asked. */
  private Future<HttpClientResponse> askRemembered(WorkerAddress owner) {
    return open(owner)
        .transform(opened -> {
          if (opened.succeeded()) {
            return ask(opened.result(), owner);
          }
          return isOverloaded(opened.cause()) ? Future.failedFuture(opened.cause()) : askAnybody();
        });
  }

  /** We have too many connections to it, which is not its fault. */
  private static boolean isOverloaded(Throwable failure) {
    return BindingFailure.of(failure) == BindingFailure.OVERLOADED;
  }

  private Future<HttpClientRequest> open(@Nullable WorkerAddress at) {
    var left = call.timeLeft().minusNanos(System.nanoTime() - began);
    return opener
        .open(call.within(left.compareTo(LEAST) < 0 ? LEAST : left), at)
        .onFailure(failure -> {
          if (at != null && !isOverloaded(failure)) {
            owners.forget(thing, at);
          }
        });
  }

  private Future<HttpClientResponse> ask(HttpClientRequest opened, @Nullable WorkerAddress at) {
    return ask.apply(opened)
        .transform(answer -> {
          if (answer.succeeded() && answer.result().statusCode() != MISDIRECTED) {
            return Future.succeededFuture(answer.result());
          }
          if (at != null && !isOurDoing(answer.cause())) {
            owners.forget(thing, at);
          }
          return answer.succeeded() ? follow(answer.result()) : Future.failedFuture(answer.cause());
        });
  }

  /** The caller has given up, which says nothing about who was called. */
  private static boolean isOurDoing(@Nullable Throwable broken) {
    return broken instanceof StreamResetException;
  }

  private Future<HttpClientResponse> follow(HttpClientResponse misdirected) {
    if (followed) {
      return Future.failedFuture(new NoOwner("the owner that was named is not the owner"));
    }
    followed = true;
    return owners
        .find(misdirected.getHeader(WorkerHeaders.OWNER))
        .compose(owner -> owner.map(this::askOwner).orElseGet(this::nobody));
  }

  private Future<HttpClientResponse> nobody() {
    owners.count(Owners.Follow.UNKNOWN);
    return Future.failedFuture(new NoOwner("no owner was named that may be called"));
  }

  private Future<HttpClientResponse> askOwner(WorkerAddress owner) {
    return open(owner)
        .compose(opened -> ask(opened, owner))
        .onSuccess(answer -> {
          owners.remember(thing, owner);
          owners.count(Owners.Follow.ANSWERED);
        })
        .onFailure(failure ->
            owners.count(
                failure instanceof NoOwner ? Owners.Follow.MISDIRECTED : Owners.Follow.FAILED));
  }
}
