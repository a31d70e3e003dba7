package dev.sallyport.system;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a worker exports: each metric's samples, in Prometheus's text format. Immutable. */
record Metrics(List<Sample> samples) {
  private static final Pattern SAMPLE =
      Pattern.compile("([A-Za-z_:][A-Za-z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=\"([^\"]*)\"");

  /** One line. */
  record Sample(String name, Map<String, String> labels, double value) {}

  /** Asks the worker's management port. */
  static Metrics of(Worker worker) {
    return new Metrics(
        worker
            .management()
            .get("/q/metrics")
            .body()
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(Metrics::sample)
            .toList());
  }

  private static Sample sample(String line) {
    var sample = SAMPLE.matcher(line);
    if (!sample.matches()) {
      throw new IllegalArgumentException("no sample: " + line);
    }
    var labels = new TreeMap<String, String>();
    if (sample.group(2) != null) {
      LABEL
          .matcher(sample.group(2))
          .results()
          .forEach(label -> labels.put(label.group(1), label.group(2)));
    }
    return new Sample(
        sample.group(1),
        Collections.unmodifiableMap(labels),
        Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
  }

  /** The names of all metrics, each with the labels that some sample of it has. */
  Map<String, Set<String>> labels() {
    var all = new TreeMap<String, Set<String>>();
    for (var sample : samples) {
      all.computeIfAbsent(sample.name(), name -> new TreeSet<>()).addAll(sample.labels().keySet());
    }
    return all;
  }

  /** The one sample of a metric without labels. */
  double value(String name) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name))
        .mapToDouble(Sample::value)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no " + name));
  }

  /** The one sample of a metric with this label. */
  double value(String name, String label, String value) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name) && value.equals(sample.labels().get(label)))
        .mapToDouble(Sample::value)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no " + name + " of " + value));
  }
}
