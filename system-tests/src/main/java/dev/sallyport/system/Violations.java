package dev.sallyport.system;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What should never have been seen. Thread-safe. */
final class Violations {
  private static final int KEPT_MAX = 200;

  private final List<String> all = new CopyOnWriteArrayList<>();

  /** Keeps one, unless there are very many already. */
  void add(String what) {
    if (all.size() < KEPT_MAX) {
      all.add(what);
    }
  }

  List<String> all() {
    return List.copyOf(all);
  }
}
