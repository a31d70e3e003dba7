package dev.sallyport.system;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The benchmarks: {@code ./sallyport bench <name>}. Each starts workers and stores of its own,
 * prints a line of JSON for each figure as it has it, and a table at the end.
 */
public final class Bench {
  private static final String USAGE =
      """
      ./sallyport bench hop [seconds]   a request through both workers, beside the private one alone
                                        (seconds of each window, default 5; 3 rounds of 8)
      ./sallyport bench coldstart [rounds]
                                        exec to the first answer, CPU and memory: native, JVM with an
                                        AOT cache, plain JVM (default 7 rounds)
      ./sallyport bench sockets [count] memory of idle WebSockets through the tunnel (default 5000)
      ./sallyport bench workflow [seconds]
                                        durable runs of three steps through both workers (seconds of
                                        each window, default 5; 3 rounds of 3, and a burst of 5,000)
      ./sallyport bench sleepers [count]
                                        what runs that sleep cost, and how soon after their time they
                                        go on (default 1000000)
      ./sallyport bench queue [seconds] sends to a queue, one by one and in batches, beside Kafka's own
                                        producer (seconds of each window, default 5; 3 rounds of 8),
                                        then what it costs to handle messages
      ./sallyport bench cache [seconds] a cache hit beside the same answer without a cache (seconds of
                                        each window, default 5; 3 rounds), and a thousand misses of
                                        one key on three data-workers
      ./sallyport bench actors [seconds]
                                        calls of actors through both workers: over a thousand of them,
                                        and of a single one (seconds of each window, default 5;
                                        3 rounds of 4)
      ./sallyport bench rooms [seconds [loads]]
                                        rooms through both workers: a large one, many small ones, ten
                                        thousand sockets, and all coming back at once (seconds of each
                                        window, default 5; 3 rounds; loads: of large,small,many,storm)
      """;

  /** Kafka's clients say a lot about themselves. Kept, because a level goes with its logger. */
  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  private Bench() {}

  /** Runs the benchmark that the first argument names; without one, says which there are. */
  @AllowedHere("the command line's own front")
  public static void main(String[] arguments) throws IOException, SQLException {
    PrintStream out = System.out;
    KAFKA.setLevel(Level.WARNING);
    switch (arguments.length == 0 ? "" : arguments[0]) {
      case "hop" -> new HopBench(Duration.ofSeconds(number(arguments, 5)), out).run();
      case "coldstart" -> new ColdStartBench(number(arguments, 7), out).run();
      case "sockets" -> new SocketsBench(number(arguments, 5_000), out).run();
      case "workflow" -> new WorkflowBench(Duration.ofSeconds(number(arguments, 5)), out).run();
      case "sleepers" -> new SleepersBench(number(arguments, 1_000_000), out).run();
      case "queue" -> {
        new QueueBench(Duration.ofSeconds(number(arguments, 5)), out).run();
        new ConsumeBench(out).run();
      }
      case "cache" -> new CacheBench(Duration.ofSeconds(number(arguments, 5)), out).run();
      case "actors" -> new ActorBench(Duration.ofSeconds(number(arguments, 5)), out).run();
      case "rooms" ->
          new RoomsBench(
                  Duration.ofSeconds(number(arguments, 5)),
                  arguments.length < 3 ? "large,small,many,storm" : arguments[2],
                  out)
              .run();
      default -> out.print(USAGE);
    }
  }

  private static int number(String[] arguments, int usual) {
    return arguments.length < 2 ? usual : Integer.parseInt(arguments[1]);
  }
}
