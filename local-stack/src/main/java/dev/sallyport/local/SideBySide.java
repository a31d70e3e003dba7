package dev.sallyport.local;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** The same action on several things at once, each on a thread of its own. */
final class SideBySide {

  private SideBySide() {}

  /** Returns when all are done; then throws the first failure, if there was one. */
  static <T> void finishAll(Collection<T> things, Consumer<? super T> action) {
    join(CompletableFuture.allOf(start(things, action)));
  }

  /** Returns when all are done; throws the first failure at once, while others may still run. */
  static <T> void succeedAll(Collection<T> things, Consumer<? super T> action) {
    var outcome = new CompletableFuture<Void>();
    CompletableFuture<?>[] all = start(things, action);
    for (CompletableFuture<?> one : all) {
      one.exceptionally(failure -> {
        outcome.completeExceptionally(failure);
        return null;
      });
    }
    join(CompletableFuture.anyOf(outcome, CompletableFuture.allOf(all)));
  }

  private static <T> CompletableFuture<?>[] start(
      Collection<T> things, Consumer<? super T> action) {
    return things.stream()
        .map(thing ->
            CompletableFuture.runAsync(() -> action.accept(thing), Thread::startVirtualThread))
        .toArray(CompletableFuture<?>[]::new);
  }

  private static void join(CompletableFuture<?> all) {
    try {
      all.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
