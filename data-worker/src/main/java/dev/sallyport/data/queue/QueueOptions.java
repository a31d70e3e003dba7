package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.model.QueuedMessage;
import java.time.Duration;
import java.util.Optional;

/**
 * What holds for one queue. Immutable; each method gives a changed copy.
 *
 * @param name how senders call it; empty for the class's name in lower case with dashes
 * @param senders who may send over HTTP
 * @param operators who may see statistics and dead letters, pause, resume, redrive, purge and pull
 * @param closed whether it takes no more messages over HTTP; what is in it is still handled
 * @param partitions of its topic when that is made; one that exists keeps what it has. The keys of
 *     a queue are spread over them, and so are the workers
 * @param concurrency how many batches each worker handles at once
 * @param batching how messages come together
 * @param retry how often and how soon an attempt that failed is repeated
 * @param timeout how long one batch may take; its thread is interrupted then, and what has no
 *     verdict has failed
 */
public record QueueOptions(
    Optional<String> name,
    Access senders,
    Access operators,
    boolean closed,
    int partitions,
    int concurrency,
    Batching batching,
    Attempts retry,
    Duration timeout) {
  private static final int PARTITIONS_MAX = 256;
  private static final int CONCURRENCY_MAX = 1024;

  public static final QueueOptions DEFAULT =
      new QueueOptions(
          Optional.empty(),
          Access.nobody(),
          Access.role(Caller.ADMIN),
          false,
          8,
          16,
          new Batching(Batching.SIZE_MAX, Duration.ZERO),
          new Attempts(5, Duration.ofSeconds(1), Duration.ofMinutes(5)),
          Duration.ofMinutes(10));

  /**
   * How messages come together.
   *
   * @param size how many in one batch, at most 10
   * @param longestWait how long a batch that is not full waits for more, at most a minute; at 0 it
   *     is closed as soon as no further message is ready
   */
  public record Batching(int size, Duration longestWait) {
    public static final int SIZE_MAX = 10;
    public static final Duration WAIT_MAX = Duration.ofMinutes(1);

    public Batching {
      requireBetween("the size of a batch", size, SIZE_MAX);
      if (longestWait.isNegative() || longestWait.compareTo(WAIT_MAX) > 0) {
        throw new IllegalArgumentException("a batch waits between 0 and " + WAIT_MAX);
      }
    }
  }

  /**
   * How often and how soon.
   *
   * @param max how many in all before a message becomes a dead letter, at most 100
   * @param first pause, after the first failed attempt; doubles from there, with jitter
   * @param longest pause, where the doubling ends
   */
  public record Attempts(int max, Duration first, Duration longest) {
    private static final int MAX = 100;

    public Attempts {
      requireBetween("attempts", max, MAX);
      if (!first.isPositive() || longest.compareTo(first) < 0) {
        throw new IllegalArgumentException("pauses are positive, the longest not below the first");
      }
    }
  }

  public QueueOptions {
    if (name.isPresent() && !QueuedMessage.isQueueName(name.get())) {
      throw new IllegalArgumentException(
          "a queue is called with lower case letters, digits and dashes: " + name.get());
    }
    requireBetween("partitions", partitions, PARTITIONS_MAX);
    requireBetween("concurrency", concurrency, CONCURRENCY_MAX);
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("a timeout is positive");
    }
  }

  private static void requireBetween(String what, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(what + " is between 1 and " + max + ", not " + value);
    }
  }

  public QueueOptions name(String own) {
    return new QueueOptions(
        Optional.of(own),
        senders,
        operators,
        closed,
        partitions,
        concurrency,
        batching,
        retry,
        timeout);
  }

  public QueueOptions senders(Access who) {
    return new QueueOptions(
        name, who, operators, closed, partitions, concurrency, batching, retry, timeout);
  }

  public QueueOptions operators(Access who) {
    return new QueueOptions(
        name, senders, who, closed, partitions, concurrency, batching, retry, timeout);
  }

  public QueueOptions closed(boolean shut) {
    return new QueueOptions(
        name, senders, operators, shut, partitions, concurrency, batching, retry, timeout);
  }

  public QueueOptions partitions(int count) {
    return new QueueOptions(
        name, senders, operators, closed, count, concurrency, batching, retry, timeout);
  }

  public QueueOptions concurrency(int batches) {
    return new QueueOptions(
        name, senders, operators, closed, partitions, batches, batching, retry, timeout);
  }

  public QueueOptions batch(int size, Duration longestWait) {
    return new QueueOptions(
        name,
        senders,
        operators,
        closed,
        partitions,
        concurrency,
        new Batching(size, longestWait),
        retry,
        timeout);
  }

  public QueueOptions retry(int upTo, Duration first, Duration longest) {
    return new QueueOptions(
        name,
        senders,
        operators,
        closed,
        partitions,
        concurrency,
        batching,
        new Attempts(upTo, first, longest),
        timeout);
  }

  public QueueOptions timeout(Duration time) {
    return new QueueOptions(
        name, senders, operators, closed, partitions, concurrency, batching, retry, time);
  }
}
