package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A queue whose messages say what is to become of them, and which writes down what it saw. */
@Singleton
public class TestQueue implements QueueConsumer<JsonNode> {
  static final String NAME = "trial";

  /** What was handled. */
  record Seen(String id, String key, int attempt) {}

  private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final ConcurrentHashMap<String, CountDownLatch> gates = new ConcurrentHashMap<>();

  @Override
  public QueueOptions options() {
    return QueueOptions.DEFAULT
        .name(NAME)
        .retry(3, Duration.ofMillis(100), Duration.ofMillis(200))
        .concurrency(8);
  }

  @Override
  public void consume(Batch<JsonNode> batch) throws Exception {
    for (var message : batch) {
      seen.add(new Seen(message.id(), message.key().orElse(""), message.attempt()));
      var body = message.body();
      if (body.has("gate")) {
        var gate = gates.computeIfAbsent(body.get("gate").asText(), name -> new CountDownLatch(1));
        if (!gate.await(20, TimeUnit.SECONDS)) {
          throw new IllegalStateException("nobody opened " + body.get("gate"));
        }
      }
      if (message.attempt() <= body.path("fail").asInt(0)) {
        message.again(Duration.ofMillis(body.path("pause").asInt(50)));
      } else if (body.has("park")) {
        message.park(body.get("park").asText());
      }
    }
  }

  void open(String gate) {
    gates.computeIfAbsent(gate, name -> new CountDownLatch(1)).countDown();
  }

  /** What was handled of ids that begin so, in order. */
  List<Seen> seen(String prefix) {
    var mine = new ArrayList<Seen>();
    for (var one : seen) {
      if (one.id().startsWith(prefix)) {
        mine.add(one);
      }
    }
    return mine;
  }

  List<String> ids(String prefix) {
    return seen(prefix).stream().map(Seen::id).toList();
  }
}
