package dev.sallyport.data.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why one branch of a run does not go on, as {@code waitingFor} tells it. Immutable. */
sealed interface Waiting {
  /** When it goes on by itself; null for never. */
  @Nullable Instant until();

  /** The arrival that lets it go on earlier; null when there is none. */
  @Nullable String arrival();

  record Timer(String name, Instant until) implements Waiting {
    @Override
    public @Nullable String arrival() {
      return null;
    }
  }

  /** The next attempt of a step. */
  record Attempt(String step, int attempt, Instant until) implements Waiting {
    @Override
    public @Nullable String arrival() {
      return null;
    }
  }

  record Event(String event, Instant until) implements Waiting {
    @Override
    public String arrival() {
      return event;
    }
  }

  record Child(String type, String id) implements Waiting {
    @Override
    public @Nullable Instant until() {
      return null;
    }

    @Override
    public String arrival() {
      return Ledger.Arrival.CHILD_PREFIX + id;
    }
  }

  /** As JSON has it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record View(
      String kind,
      @Nullable String name,
      @Nullable String step,
      @Nullable Integer attempt,
      @Nullable String event,
      @Nullable String type,
      @Nullable String id,
      @Nullable Instant until,
      @Nullable List<View> others) {
    private static View of(Waiting waiting, @Nullable List<View> others) {
      return switch (waiting) {
        case Timer(var name, var until) ->
            new View("timer", name, null, null, null, null, null, until, others);
        case Attempt(var step, var attempt, var until) ->
            new View("retry", null, step, attempt, null, null, null, until, others);
        case Event(var event, var until) ->
            new View("event", null, null, null, event, null, null, until, others);
        case Child(var type, var id) ->
            new View("child", null, null, null, null, type, id, null, others);
      };
    }
  }

  /**
   * All branches that wait, the one that goes on first before the others.
   *
   * @param all at least one
   */
  static View view(List<Waiting> all) {
    var sorted =
        all.stream()
            .sorted(
                Comparator.comparing(
                    Waiting::until, Comparator.nullsLast(Comparator.naturalOrder())))
            .toList();
    var others = sorted.stream().skip(1).map(waiting -> View.of(waiting, null)).toList();
    return View.of(sorted.getFirst(), others.isEmpty() ? null : others);
  }
}
