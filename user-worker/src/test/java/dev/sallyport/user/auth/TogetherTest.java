package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TogetherTest {
  private final Vertx vertx = Vertx.vertx();
  private final Together<String> together = new Together<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final ConcurrentLinkedQueue<Promise<String>> open = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private Future<String> ask() {
    asked.incrementAndGet();
    Promise<String> promise = Promise.promise();
    open.add(promise);
    return promise.future();
  }

  /** Asks on an event loop; gives the answer, and whether it came back there. */
  private CompletableFuture<String> askOn(Context loop, String credential) {
    var answer = new CompletableFuture<String>();
    var asking = new CompletableFuture<Boolean>();
    loop.runOnContext(now -> {
      together
          .ask(credential, this::ask)
          .onComplete(done -> {
            if (!loop.equals(Vertx.currentContext())) {
              answer.completeExceptionally(new AssertionError("on another event loop"));
            } else if (done.succeeded()) {
              answer.complete(done.result());
            } else {
              answer.completeExceptionally(done.cause());
            }
          });
      asking.complete(true);
    });
    asking.orTimeout(10, TimeUnit.SECONDS).join();
    return answer.orTimeout(10, TimeUnit.SECONDS);
  }

  @Test
  void manyWhoAskForTheSameAreAnsweredByOneEachOnItsOwnEventLoop() {
    var first = vertx.getOrCreateContext();
    var second = vertx.getOrCreateContext();
    var one = askOn(first, "a");
    var other = askOn(second, "a");
    var third = askOn(second, "b");
    assertThat(asked).hasValue(2);
    first.runOnContext(now -> open.remove().complete("A"));
    assertThat(one.join()).isEqualTo("A");
    assertThat(other.join()).isEqualTo("A");
    second.runOnContext(now -> open.remove().complete("B"));
    assertThat(third.join()).isEqualTo("B");
  }

  @Test
  void aFailureIsEveryonesAndTheNextAsksAnew() {
    var loop = vertx.getOrCreateContext();
    var one = askOn(loop, "a");
    var other = askOn(loop, "a");
    loop.runOnContext(now -> open.remove().fail("no"));
    assertThat(one).failsWithin(Duration.ofSeconds(10));
    assertThat(other).failsWithin(Duration.ofSeconds(10));
    var again = askOn(loop, "a");
    assertThat(asked).hasValue(2);
    loop.runOnContext(now -> open.remove().complete("A"));
    assertThat(again.join()).isEqualTo("A");
  }
}
