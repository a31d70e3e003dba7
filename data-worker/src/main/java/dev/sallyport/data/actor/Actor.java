package dev.sallyport.data.actor;

/**
 * A kind of actor. A CDI bean ({@code @ApplicationScoped}) that implements this is all there is to
 * register. The bean itself has no state: each actor's own is handed to it with a {@link Turn}.
 *
 * <pre>{@code
 * @ApplicationScoped
 * class Tally implements Actor<Tally.State> {
 *   record State(long total) {}
 *   record Add(long by) {}
 *
 *   public Behaviour<State> behaviour() {
 *     return Behaviour.of("tally", State.class, new State(0))
 *         .method("add", Add.class, Access.users(), this::add);
 *   }
 *
 *   private State add(Turn<State> turn, Add add) {
 *     return turn.become(new State(turn.state().total() + add.by()));
 *   }
 * }
 * }</pre>
 *
 * @param <S> what one keeps: a record, or any class that JSON is read into; it does not change
 */
public interface Actor<S> {
  /** What such actors answer to; read once, at the start of the worker. */
  Behaviour<S> behaviour();

  /** Whether this worker offers it at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }
}
