package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcException;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Serves {@link TrialRpc}. */
@ApplicationScoped
class Trial implements TrialRpc, RpcPolicy {
  final AtomicInteger counted = new AtomicInteger();
  final AtomicInteger interrupted = new AtomicInteger();
  final AtomicInteger most = new AtomicInteger();
  private final AtomicInteger inside = new AtomicInteger();
  private final CountDownLatch ten = new CountDownLatch(JsonRpc.AT_ONCE_MAX);

  int counted() {
    return counted.get();
  }

  int interrupted() {
    return interrupted.get();
  }

  int most() {
    return most.get();
  }

  @Override
  public Access accessTo(String method) {
    return switch (method) {
      case "forClerks" -> Access.role("clerk");
      case "forNobody" -> Access.nobody();
      default -> Access.users();
    };
  }

  @Override
  public Shape shape(Shape shape) {
    return shape;
  }

  @Override
  public String scalars(
      boolean flag, int whole, BigDecimal exact, String text, Colour colour, @Nullable UUID id) {
    return flag + " " + whole + " " + exact + " " + text + " " + colour + " " + id;
  }

  @Override
  public Optional<String> maybe(@Nullable String text) {
    return Optional.ofNullable(text);
  }

  @Override
  public String who() {
    return InternalCall.current().caller().user().id();
  }

  @Override
  public void nothing() {}

  @Override
  public String fail(String how) {
    switch (how) {
      case "own" -> throw new RpcException(7, "No \"such\" thing", Map.of("left", List.of(1, 2)));
      case "large" -> throw new RpcException(8, "Much", "x".repeat(JsonRpc.RESULT_BYTES_MAX));
      case "refusal" -> throw Refusal.of(ProblemType.CONFLICT, "Not now.");
      case "error" -> throw new StackOverflowError("password=hunter2");
      default -> throw new IllegalStateException("password=hunter2");
    }
  }

  @Override
  public String large(int length) {
    return "x".repeat(length);
  }

  @Override
  public boolean meet() {
    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
    try {
      ten.countDown();
      return ten.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      inside.decrementAndGet();
    }
  }

  @Override
  public String hang() {
    try {
      new CountDownLatch(1).await();
      return "never";
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      Thread.currentThread().interrupt();
      return "too late";
    }
  }

  @Override
  public int count() {
    return counted.incrementAndGet();
  }

  @Override
  public String forClerks() {
    return "clerk";
  }

  @Override
  public String forNobody() {
    return "nobody";
  }
}
