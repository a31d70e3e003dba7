package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Access;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** {@code counter}: a number, to which is added. */
@Singleton
class CounterActor implements Actor<CounterActor.Value> {
  static final String TYPE = "counter";

  private final Access access;

  @Inject
  CounterActor(ActorSettings settings) {
    this.access = settings.accessTo(TYPE);
  }

  @RegisterForReflection
  record Value(long value) {}

  @RegisterForReflection
  record Add(long by) {}

  @Override
  public Behaviour<Value> behaviour() {
    return Behaviour.of(TYPE, Value.class, new Value(0))
        .method("add", Add.class, access, CounterActor::add)
        .method("get", Void.class, access, (turn, nothing) -> turn.state());
  }

  private static Value add(Turn<Value> turn, Add add) {
    try {
      return turn.become(new Value(Math.addExact(turn.state().value(), add.by())));
    } catch (ArithmeticException overflow) {
      throw ActorError.misfit("by", "would go beyond what 64 bits hold");
    }
  }
}
