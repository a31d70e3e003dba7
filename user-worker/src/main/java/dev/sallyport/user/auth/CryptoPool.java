package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.ProblemException;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few platform threads for work that is all arithmetic: neither event loops nor the carriers of
 * virtual threads may stand still for it. Passwords and signatures have a pool each, so that a rush
 * of sign-ins does not hold up callers with tokens. Thread-safe.
 */
@ApplicationScoped
class CryptoPool {
  /** Together with {@link PasswordHasher#MEMORY_KIB} this bounds what passwords cost in memory. */
  private static final int PASSWORD_THREADS = 2;

  /** About three seconds' worth of password hashes on one core. */
  private static final int PASSWORDS_WAITING_MAX = 64;

  /** About half a second's worth of ES256 verifications on one core. */
  private static final int SIGNATURES_WAITING_MAX = 1024;

  private final ThreadPoolExecutor passwords =
      pool("password", PASSWORD_THREADS, PASSWORDS_WAITING_MAX);
  private final ThreadPoolExecutor signatures =
      pool("signature", Runtime.getRuntime().availableProcessors(), SIGNATURES_WAITING_MAX);

  private static ThreadPoolExecutor pool(String name, int threads, int waiting) {
    var pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waiting),
            Thread.ofPlatform().daemon().name(name + "-", 1).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Does password work and waits for it; for virtual threads. */
  <T> T password(Callable<T> work) {
    var task = new FutureTask<>(work);
    try {
      passwords.execute(task);
      return task.get();
    } catch (RejectedExecutionException e) {
      throw overloaded();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw overloaded();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  /** Does signature work; the future completes on the caller's event loop. */
  <T> Future<T> signature(Callable<T> work) {
    Context caller =
        Objects.requireNonNull(Vertx.currentContext(), "only event loops wait for signatures");
    Promise<T> promise = Promise.promise();
    try {
      signatures.execute(() -> {
        try {
          var result = work.call();
          caller.runOnContext(back -> promise.complete(result));
        } catch (Exception e) {
          caller.runOnContext(back -> promise.fail(e));
        }
      });
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(overloaded());
    }
    return promise.future();
  }

  private static ProblemException overloaded() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.OVERLOADED,
            "Too many people are signing in just now.",
            Duration.ofSeconds(2)));
  }

  void stop(@Observes ShutdownEvent stop) {
    passwords.shutdownNow();
    signatures.shutdownNow();
  }
}
