package dev.sallyport.user.auth;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Asks once for all who ask for the same at one moment: a worker that has just started knows no
 * credential, and a thousand sockets come back with each of a few. Holds no more than what is being
 * asked. Thread-safe, for event loops.
 */
final class Together<T> {
  private final ConcurrentHashMap<String, Future<T>> underWay = new ConcurrentHashMap<>();

  /**
   * The answer for this credential, on the caller's event loop.
   *
   * @param ask asks, unless somebody is asking already
   */
  Future<T> ask(String credential, Supplier<Future<T>> ask) {
    Promise<T> mine = Promise.promise();
    var others = underWay.putIfAbsent(credential, mine.future());
    if (others != null) {
      return here(others);
    }
    asked(ask)
        .onComplete(answer -> {
          underWay.remove(credential);
          mine.handle(answer);
        });
    return mine.future();
  }

  private static <T> Future<T> asked(Supplier<Future<T>> ask) {
    try {
      return ask.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private static <T> Future<T> here(Future<T> elsewhere) {
    Context caller = Objects.requireNonNull(Vertx.currentContext(), "only event loops wait");
    Promise<T> back = Promise.promise();
    elsewhere.onComplete(answer -> caller.runOnContext(now -> back.handle(answer)));
    return back.future();
  }
}
