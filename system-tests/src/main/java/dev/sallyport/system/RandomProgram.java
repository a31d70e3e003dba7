package dev.sallyport.system;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Makes programs that are equal for equal seeds. Confined to one thread, for one program. */
final class RandomProgram {
  private static final int DEPTH_MAX = 2;

  private final RandomGenerator random;
  private int places;

  private RandomProgram(RandomGenerator random) {
    this.random = random;
  }

  /** One program. */
  static List<ProgramOp> from(RandomGenerator random) {
    return new RandomProgram(random).root();
  }

  /** The names of the events that a program waits for and that are to be sent to it. */
  static List<String> events(List<ProgramOp> ops) {
    var names = new ArrayList<String>();
    walk(
        ops,
        op -> {
          if (op instanceof ProgramOp.Event event && event.comes()) {
            names.add(event.name());
          }
        });
    return names;
  }

  /** Every instruction, those of children too. */
  static void walk(List<ProgramOp> ops, Consumer<ProgramOp> each) {
    for (var op : ops) {
      each.accept(op);
      inner(op).forEach(inside -> walk(inside, each));
    }
  }

  private static Stream<List<ProgramOp>> inner(ProgramOp op) {
    return switch (op) {
      case ProgramOp.Child child -> Stream.of(child.ops());
      case ProgramOp.Attempt attempt -> Stream.of(attempt.ops());
      case ProgramOp.All all -> all.branches().stream();
      case ProgramOp.Step _,
          ProgramOp.Transaction _,
          ProgramOp.Sleep _,
          ProgramOp.Event _,
          ProgramOp.Since _,
          ProgramOp.Rollback _,
          ProgramOp.Throw _ ->
          Stream.empty();
    };
  }

  /** One in five ends by failing, the others with a count. */
  private List<ProgramOp> root() {
    var ops = new ArrayList<>(sequence(2 + random.nextInt(8), 0, Kind.ROOT));
    ops.add(random.nextInt(5) == 0 ? failing() : transaction());
    return ops;
  }

  /** Where a sequence is, which decides what may be in it. */
  private enum Kind {
    ROOT,
    BRANCH,
    CHILD
  }

  private List<ProgramOp> sequence(int length, int depth, Kind kind) {
    var ops = new ArrayList<ProgramOp>();
    for (int i = 0; i < length; i++) {
      ops.add(any(depth, kind));
    }
    return ops;
  }

  private ProgramOp any(int depth, Kind kind) {
    int die = random.nextInt(100);
    if (die < 30) {
      return step(kind);
    } else if (die < 60) {
      return transaction();
    } else if (die < 70) {
      return sleep();
    } else if (die < 78) {
      // Only a program's own run is known to whoever sends events.
      return kind == Kind.CHILD ? sleep() : event();
    } else if (die < 84) {
      return depth < DEPTH_MAX ? all(depth, kind) : transaction();
    } else if (die < 90) {
      return depth < DEPTH_MAX ? child(depth) : transaction();
    } else if (die < 95) {
      return attempt(depth, kind);
    } else if (die < 98) {
      return new ProgramOp.Since("change", place());
    } else {
      return kind == Kind.BRANCH ? transaction() : new ProgramOp.Rollback("rollback", place());
    }
  }

  private String place() {
    return "p" + places++;
  }

  /** Outside of branches some share their name, as in a loop. */
  private ProgramOp step(Kind kind) {
    var place = place();
    var name = kind != Kind.BRANCH && random.nextInt(4) == 0 ? "again" : place;
    int ms = random.nextInt(4) == 0 ? random.nextInt(400) : 0;
    int fails = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
    boolean undo = kind != Kind.BRANCH && random.nextInt(3) == 0;
    return new ProgramOp.Step(name, place, ms, fails, undo);
  }

  private ProgramOp transaction() {
    var place = place();
    return new ProgramOp.Transaction(place, place, 0);
  }

  private ProgramOp sleep() {
    var place = place();
    return new ProgramOp.Sleep(place, place, 20 + random.nextInt(1_500));
  }

  private ProgramOp event() {
    var place = place();
    return new ProgramOp.Event("event-" + place, place, 0);
  }

  private ProgramOp all(int depth, Kind kind) {
    var place = place();
    var branches = new ArrayList<List<ProgramOp>>();
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      branches.add(
          kind == Kind.CHILD
              ? List.of(sleep(), transaction()) // without events, see any
              : sequence(1 + random.nextInt(3), depth + 1, Kind.BRANCH));
    }
    return new ProgramOp.All(place, place, branches);
  }

  private ProgramOp child(int depth) {
    var place = place();
    var ops = new ArrayList<>(sequence(1 + random.nextInt(3), depth + 1, Kind.CHILD));
    return new ProgramOp.Child(place, place, ops);
  }

  private ProgramOp attempt(int depth, Kind kind) {
    var place = place();
    var ops = new ArrayList<ProgramOp>();
    ops.add(transaction());
    ops.add(caught(depth));
    if (kind == Kind.ROOT) {
      ops.add(transaction()); // never reached
    }
    return new ProgramOp.Attempt(place, place, ops);
  }

  /** Fails with an error that code can catch. */
  private ProgramOp caught(int depth) {
    var place = place();
    return switch (random.nextInt(depth < DEPTH_MAX ? 4 : 3)) {
      case 0 -> new ProgramOp.Step(place, place, 0, -1, false);
      case 1 -> new ProgramOp.Transaction(place, place, -1);
      case 2 -> new ProgramOp.Event("never-" + place, place, 100 + random.nextInt(900));
      default -> new ProgramOp.Child(place, place, List.of(transaction(), thrown()));
    };
  }

  private ProgramOp failing() {
    return random.nextBoolean() ? thrown() : caught(0);
  }

  private ProgramOp thrown() {
    var place = place();
    return new ProgramOp.Throw("throw", place);
  }
}
