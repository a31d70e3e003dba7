package dev.sallyport.system;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The CPU time that processes, and this one, use while a load lasts. Confined to one thread. */
final class CpuWindow implements LoadGenerator.Window {
  private static final String CLIENT = "client";

  private final Map<String, Supplier<Duration>> meters = new LinkedHashMap<>();
  private final Map<String, Duration> atBegin = new LinkedHashMap<>();
  private final Map<String, Duration> used = new LinkedHashMap<>();

  /** Counts the workers together, and this process beside them. */
  CpuWindow(long... workers) {
    meters.put(CLIENT, () -> ProcessFigures.cpu(ProcessHandle.current().pid()));
    for (long pid : workers) {
      process("worker " + pid, pid);
    }
  }

  /** Counts one more process under a name of its own. */
  CpuWindow process(String name, long pid) {
    meters.put(name, () -> ProcessFigures.cpu(pid));
    return this;
  }

  /** Counts a process and its children, those that have ended too. */
  CpuWindow tree(String name, long pid) {
    meters.put(name, () -> ProcessFigures.cpuOfTree(pid));
    return this;
  }

  @Override
  public void begins() {
    meters.forEach((name, meter) -> atBegin.put(name, meter.get()));
  }

  @Override
  public void ends() {
    meters.forEach((name, meter) -> used.put(name, meter.get().minus(atBegin.get(name))));
  }

  /** Of all that were given together, between begin and end. */
  Duration ofWorkers() {
    return used.entrySet().stream()
        .filter(part -> !part.getKey().equals(CLIENT))
        .map(Map.Entry::getValue)
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** Of the one of this name. */
  Duration of(String name) {
    return used.getOrDefault(name, Duration.ZERO);
  }

  /** Of the load generator, which shares the cores. */
  Duration ofClient() {
    return of(CLIENT);
  }
}
