package dev.sallyport.system;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** The figures of all rounds, and how they are shown. Confined to one thread. */
final class ColdStartReport {
  private static final double MIB = 1024 * 1024;

  /**
   * One start.
   *
   * @param first since exec, to the first 200
   * @param cpu used until then
   * @param memory held then
   * @param ready since exec, to the first 200 of the readiness probe
   */
  record Start(Duration first, Duration cpu, Memory memory, Duration ready) {}

  /** One start, and what the same process held after the work. */
  private record Sample(Start start, Memory worked) {
    double firstMillis() {
      return millis(start.first());
    }

    double cpuMillis() {
      return millis(start.cpu());
    }

    double readyMillis() {
      return millis(start.ready());
    }

    double resident() {
      return start.memory().residentBytes() / MIB;
    }

    double proportional() {
      return start.memory().proportionalBytes() / MIB;
    }

    double residentLater() {
      return worked.residentBytes() / MIB;
    }

    double proportionalLater() {
      return worked.proportionalBytes() / MIB;
    }
  }

  private record Row(WorkerKind kind, Packaging packaging) {}

  private final List<Packaging> packagings;
  private final Map<Row, List<Sample>> samples = new LinkedHashMap<>();
  private final List<Duration> programs = new ArrayList<>();
  private final List<Duration> machines = new ArrayList<>();

  ColdStartReport(List<Packaging> packagings) {
    this.packagings = List.copyOf(packagings);
    for (var kind : WorkerKind.values()) {
      packagings.forEach(packaging -> samples.put(new Row(kind, packaging), new ArrayList<>()));
    }
  }

  List<Packaging> packagings() {
    return packagings;
  }

  /** Starts anew: what was said so far was a warm-up. */
  void forget() {
    samples.values().forEach(List::clear);
    programs.clear();
    machines.clear();
  }

  /** How long a program and a JVM took from exec to their end that do nothing in between. */
  void nothing(Duration program, Duration machine) {
    programs.add(program);
    machines.add(machine);
  }

  void add(Packaging packaging, WorkerKind kind, Start start, Memory worked) {
    samples
        .getOrDefault(new Row(kind, packaging), new ArrayList<>())
        .add(new Sample(start, worked));
  }

  void print(PrintStream out, Map<String, Object> noise) {
    samples.forEach((row, all) -> out.println(Json.write(figure(row, all, noise))));
    out.println();
    out.println(
        "| worker | packaging | first 200 ms | CPU ms | RSS MiB | PSS MiB | ready ms | RSS after load"
            + " | PSS after load | files MiB | built in s |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((row, all) -> out.println(row(row, all)));
    nothing(out, "a program that does nothing, to its end", programs);
    nothing(out, "`java -version`, to its end", machines);
    out.println();
    for (var kind : WorkerKind.values()) {
      out.println(sooner(kind));
    }
    for (var packaging : packagings) {
      out.println("Both workers after load, " + packaging.name() + ": " + both(packaging));
      for (var kind : WorkerKind.values()) {
        out.println("  " + String.join(" ", packaging.of(kind).command()));
      }
    }
    out.println("Machine: " + Machine.versions() + " " + noise);
  }

  private Map<String, Object> figure(Row row, List<Sample> all, Map<String, Object> noise) {
    var program = row.packaging().of(row.kind());
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "coldstart");
    figure.put("what", row.kind().module() + ", " + row.packaging().name());
    figure.put("unit", "ms from exec to the first 200");
    put(figure, "median", "spread", all, Sample::firstMillis);
    put(figure, "cpuMillis", "cpuSpread", all, Sample::cpuMillis);
    put(figure, "readyMillis", "readySpread", all, Sample::readyMillis);
    put(figure, "rssMib", "rssSpread", all, Sample::resident);
    put(figure, "pssMib", "pssSpread", all, Sample::proportional);
    put(figure, "rssAfterLoadMib", "rssAfterLoadSpread", all, Sample::residentLater);
    put(figure, "pssAfterLoadMib", "pssAfterLoadSpread", all, Sample::proportionalLater);
    figure.put("bytes", program.bytes());
    program.builtInSeconds().ifPresent(seconds -> figure.put("builtInSeconds", seconds));
    figure.put("command", program.command());
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private static void put(
      Map<String, Object> figure,
      String median,
      String spread,
      List<Sample> all,
      ToDoubleFunction<Sample> of) {
    figure.put(median, Statistics.median(all, of));
    figure.put(spread, Statistics.spread(all, of));
  }

  private static String row(Row row, List<Sample> all) {
    var program = row.packaging().of(row.kind());
    var spread = Statistics.spread(all, Sample::firstMillis);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.0f (%.0f to %.0f) | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %s |",
        row.kind().module(),
        row.packaging().name(),
        Statistics.median(all, Sample::firstMillis),
        spread.getFirst(),
        spread.getLast(),
        Statistics.median(all, Sample::cpuMillis),
        Statistics.median(all, Sample::resident),
        Statistics.median(all, Sample::proportional),
        Statistics.median(all, Sample::readyMillis),
        Statistics.median(all, Sample::residentLater),
        Statistics.median(all, Sample::proportionalLater),
        program.bytes() / MIB,
        seconds(program.builtInSeconds()));
  }

  private static String seconds(OptionalDouble seconds) {
    return seconds.isEmpty() ? "–" : String.format(Locale.ROOT, "%.0f", seconds.getAsDouble());
  }

  private static void nothing(PrintStream out, String what, List<Duration> all) {
    var spread = Statistics.spread(all, ColdStartReport::millis);
    out.println(
        String.format(
            Locale.ROOT,
            "| – | %s | %.1f (%.1f to %.1f) | | | | | | | | |",
            what,
            Statistics.median(all, ColdStartReport::millis),
            spread.getFirst(),
            spread.getLast()));
  }

  /** How much sooner the cache lets a worker answer. */
  private String sooner(WorkerKind kind) {
    return kind.module()
        + " with the cache answers "
        + String.format(
            Locale.ROOT, "%.1f", first(kind, Packaging.PLAIN) / first(kind, Packaging.CACHED))
        + " times sooner than without";
  }

  private double first(WorkerKind kind, String packaging) {
    return samples.entrySet().stream()
        .filter(entry -> entry.getKey().kind() == kind)
        .filter(entry -> entry.getKey().packaging().name().equals(packaging))
        .mapToDouble(entry -> Statistics.median(entry.getValue(), Sample::firstMillis))
        .sum();
  }

  private String both(Packaging packaging) {
    double resident = 0;
    double proportional = 0;
    for (var kind : WorkerKind.values()) {
      var all = samples.getOrDefault(new Row(kind, packaging), List.of());
      resident += Statistics.median(all, Sample::residentLater);
      proportional += Statistics.median(all, Sample::proportionalLater);
    }
    return Math.round(resident) + " MiB RSS, " + Math.round(proportional) + " MiB PSS";
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}
