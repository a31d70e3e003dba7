package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An actor that does whatever a test asks for. */
@ApplicationScoped
class Diary implements Actor<Diary.Lines> {
  record Lines(List<String> lines) {}

  record Line(String text) {}

  record Alarm(String text, long millis) {}

  private final AtomicInteger serving = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile CountDownLatch hold = new CountDownLatch(0);
  private volatile boolean isHolding;

  /** From now on {@code hold} waits. */
  CountDownLatch holdUp() {
    isHolding = false;
    hold = new CountDownLatch(1);
    return hold;
  }

  /** Whether a {@code hold} has begun since then. */
  boolean isHolding() {
    return isHolding;
  }

  /** So often the alarm, or {@code fragile}, fails from now on. */
  void fail(int times) {
    failures.set(times);
  }

  @Override
  public Behaviour<Lines> behaviour() {
    return Behaviour.of("diary", Lines.class, new Lines(List.of()))
        .method("write", Line.class, Access.users(), this::write)
        .method("read", Void.class, Access.users(), (turn, nothing) -> turn.state())
        .method("hold", Line.class, Access.users(), this::hold)
        .method("write-and-fail", Line.class, Access.users(), Diary::writeAndFail)
        .method("write-along", Line.class, Access.users(), Diary::writeAlong)
        .method("break", Void.class, Access.users(), Diary::fail)
        .method("set", Alarm.class, Access.users(), Diary::set)
        .method("unset", Void.class, Access.users(), Diary::unset)
        .method("secret", Void.class, Access.nobody(), (turn, nothing) -> turn.state())
        .method("who", Void.class, Access.nobody(), Diary::who)
        .method("fragile", Line.class, Access.nobody(), this::fragile)
        .method("guarded", Void.class, Access.role("admin"), (turn, nothing) -> turn.state())
        .alarm("ring", this::ring);
  }

  private Lines write(Turn<Lines> turn, Line line) {
    int others = serving.getAndIncrement();
    try {
      return append(turn, others == 0 ? line.text() : "not alone");
    } finally {
      serving.getAndDecrement();
    }
  }

  private static Lines append(Turn<Lines> turn, String text) {
    var lines = new ArrayList<>(turn.state().lines());
    lines.add(text);
    return turn.become(new Lines(lines));
  }

  private static Lines who(Turn<Lines> turn, Void nothing) {
    return new Lines(List.of(turn.caller().isPresent() ? "somebody" : "nobody"));
  }

  /** Fails as often as it was told to. */
  private Lines fragile(Turn<Lines> turn, Line line) {
    append(turn, line.text());
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("on purpose");
    }
    return turn.state();
  }

  private Lines hold(Turn<Lines> turn, Line line) throws InterruptedException {
    isHolding = true;
    if (!hold.await(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nobody let it go on");
    }
    return append(turn, line.text());
  }

  private static Lines writeAndFail(Turn<Lines> turn, Line line) {
    append(turn, line.text());
    throw Refusal.of(ProblemType.CONFLICT, "On purpose.");
  }

  /** What no method should throw. */
  private static Lines fail(Turn<Lines> turn, Void nothing) {
    throw new NoClassDefFoundError("on purpose");
  }

  private static Lines writeAlong(Turn<Lines> turn, Line line) {
    turn.along(
        tx -> tx.execute("INSERT INTO sample.counter (key, value) VALUES ($1, 1)", line.text()));
    return append(turn, line.text());
  }

  private static Lines set(Turn<Lines> turn, Alarm alarm) {
    append(turn, alarm.text());
    turn.wakeIn("ring", Duration.ofMillis(alarm.millis()));
    return turn.state();
  }

  private static Lines unset(Turn<Lines> turn, Void nothing) {
    turn.sleep("ring");
    return turn.state();
  }

  private void ring(Turn<Lines> turn) {
    append(turn, "rung");
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("on purpose");
    }
  }
}
