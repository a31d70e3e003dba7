package dev.sallyport.system;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is said of the rounds of a benchmark. */
final class Statistics {
  private Statistics() {}

  /** Of one figure over all rounds, to a tenth. */
  static <T> double median(List<T> samples, ToDoubleFunction<T> of) {
    return tenth(sorted(samples, of)[samples.size() / 2]);
  }

  /** The least and the greatest, to a tenth. */
  static <T> List<Double> spread(List<T> samples, ToDoubleFunction<T> of) {
    var sorted = sorted(samples, of);
    return List.of(tenth(sorted[0]), tenth(sorted[sorted.length - 1]));
  }

  private static <T> double[] sorted(List<T> samples, ToDoubleFunction<T> of) {
    return samples.stream().mapToDouble(of).sorted().toArray();
  }

  private static double tenth(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
