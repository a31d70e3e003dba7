package dev.sallyport.data.workflow;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns rows into the arrays that a statement over many rows takes. */
final class Columns {
  private Columns() {}

  static <T> @Nullable Long[] longs(List<T> rows, Function<T, @Nullable Long> value) {
    @Nullable Long[] column = new @Nullable Long[rows.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = value.apply(rows.get(i));
    }
    return column;
  }

  static <T> Integer[] ints(List<T> rows, Function<T, Integer> value) {
    return rows.stream().map(value).toArray(Integer[]::new);
  }

  static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> value) {
    @Nullable String[] column = new @Nullable String[rows.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = value.apply(rows.get(i));
    }
    return column;
  }
}
