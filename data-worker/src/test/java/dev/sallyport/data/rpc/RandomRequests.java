package dev.sallyport.data.rpc;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Requests that are right in part, and wrong in every way there is. */
final class RandomRequests {
  private static final List<String> METHODS =
      List.of(
          "sample.subtract",
          "sample.sum",
          "sample.getData",
          "trial.shape",
          "trial.scalars",
          "trial.maybe",
          "rpc.discover",
          "rpc.x",
          "trial.forNobody",
          "nothing");

  private static final List<String> NAMES =
      List.of("jsonrpc", "method", "params", "id", "minuend", "subtrahend", "shape", "name", "é");

  private static final List<String> SCALARS =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1e400",
          "1e-999999999",
          "99999999999999999999",
          "\"\"",
          "\"2.0\"",
          "\"RED\"",
          "\"\\ud800\"",
          "\"\\u0000\"");

  private final RandomGenerator random;

  RandomRequests(RandomGenerator random) {
    this.random = random;
  }

  String next() {
    var request =
        switch (random.nextInt(4)) {
          case 0 -> value(4);
          case 1 -> call();
          default ->
              IntStream.range(0, random.nextInt(12))
                  .mapToObj(i -> random.nextInt(4) == 0 ? value(3) : call())
                  .collect(Collectors.joining(",", "[", "]"));
        };
    return random.nextInt(5) == 0 && !request.isEmpty() ? damaged(request) : request;
  }

  private String damaged(String request) {
    int at = random.nextInt(request.length());
    return switch (random.nextInt(3)) {
      case 0 -> request.substring(0, at);
      case 1 -> request.substring(0, at) + request.substring(at + 1);
      default ->
          request.substring(0, at) + "{}[],:\"x".charAt(random.nextInt(8)) + request.substring(at);
    };
  }

  private String call() {
    var call = new StringBuilder("{\"jsonrpc\":\"2.0\",\"method\":\"" + pick(METHODS) + "\"");
    if (random.nextInt(5) > 0) {
      call.append(",\"params\":").append(random.nextBoolean() ? array(3) : object(3));
    }
    if (random.nextInt(5) > 0) {
      call.append(",\"id\":").append(pick(SCALARS));
    }
    return call.append('}').toString();
  }

  private String value(int depth) {
    return switch (depth == 0 ? 2 : random.nextInt(4)) {
      case 0 -> array(depth - 1);
      case 1 -> object(depth - 1);
      default -> pick(SCALARS);
    };
  }

  private String array(int depth) {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(i -> value(depth))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private String object(int depth) {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(i -> "\"" + pick(NAMES) + "\":" + value(depth))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private String pick(List<String> some) {
    return some.get(random.nextInt(some.size()));
  }
}
