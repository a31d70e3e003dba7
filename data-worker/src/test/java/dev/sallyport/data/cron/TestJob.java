package dev.sallyport.data.cron;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A job that does what the test that runs has put under its schedule's name. */
@Singleton // without a proxy, so that tests see its fields
@Cron(value = "0 3 1 1 *", zone = "Europe/Berlin", missed = Missed.SKIP, jitter = "PT10S")
public class TestJob implements ScheduledJob {
  /** What to do. */
  interface Body {
    void run(Fire fire) throws Exception;
  }

  final ConcurrentMap<String, Body> bodies = new ConcurrentHashMap<>();
  final List<String> ran = new CopyOnWriteArrayList<>();

  @Override
  public JobOptions options() {
    return JobOptions.DEFAULT.retry(3, Duration.ofMillis(50)).timeout(Duration.ofSeconds(4));
  }

  @Override
  public void run(Fire fire) throws Exception {
    ran.add(fire.id() + " " + fire.attempt());
    var body = bodies.get(fire.schedule());
    if (body != null) {
      body.run(fire);
    }
  }
}
