package dev.sallyport.user.platform;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;

/** Where a request's own work goes on, whoever it waited for. */
public final class EventLoop {
  private EventLoop() {}

  /** The same result, told on the caller's event loop; at once where it is there already. */
  public static <T> Future<T> here(Future<T> elsewhere) {
    if (elsewhere.isComplete()) {
      // Not the future itself: one that is complete still tells it where it was completed.
      return elsewhere.succeeded()
          ? Future.succeededFuture(elsewhere.result())
          : Future.failedFuture(elsewhere.cause());
    }
    if (!(Vertx.currentContext() instanceof ContextInternal here)) {
      return elsewhere;
    }
    Promise<T> told = here.promise();
    elsewhere.onComplete(told);
    return told.future();
  }
}
