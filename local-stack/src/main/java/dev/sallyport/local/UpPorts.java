package dev.sallyport.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ports of a local run, all on 127.0.0.1. Immutable. */
record UpPorts(
    int userWorker,
    int userWorkerManagement,
    int dataWorker,
    int dataWorkerManagement,
    int postgres,
    int redis,
    int kafka) {

  private static final int HIGHEST = 65_535;

  /** A port, what wants it, and the variable that changes it. */
  private record Wish(int port, String wantedBy, String variable) {}

  /** The defaults, with those that the environment names in their place. */
  static UpPorts from(Map<String, String> environment) {
    return new UpPorts(
        port(environment, Variable.USER_WORKER, 8080),
        port(environment, Variable.USER_WORKER_MANAGEMENT, 9000),
        port(environment, Variable.DATA_WORKER, 8081),
        port(environment, Variable.DATA_WORKER_MANAGEMENT, 9001),
        port(environment, Variable.POSTGRES, 5542),
        port(environment, Variable.REDIS, 6479),
        port(environment, Variable.KAFKA, 9192));
  }

  /**
   * Checks every port before anything starts.
   *
   * @throws StackError naming the first one that is taken or wanted twice
   */
  void requireFree() {
    var seen = new HashMap<Integer, Wish>();
    for (Wish wish : wishes()) {
      Wish same = seen.put(wish.port(), wish);
      if (same != null) {
        throw StackError.badSetting(
            "Port "
                + wish.port()
                + " is wanted by "
                + same.wantedBy()
                + " and by "
                + wish.wantedBy()
                + "; change "
                + same.variable()
                + " or "
                + wish.variable()
                + ".");
      }
      if (!StackSettings.isFree(wish.port())) {
        throw StackError.portTaken(wish.port(), wish.wantedBy(), wish.variable());
      }
    }
  }

  private List<Wish> wishes() {
    return List.of(
        new Wish(userWorker, "the user-worker", Variable.USER_WORKER),
        new Wish(
            userWorkerManagement, "the user-worker's management", Variable.USER_WORKER_MANAGEMENT),
        new Wish(dataWorker, "the data-worker", Variable.DATA_WORKER),
        new Wish(
            dataWorkerManagement, "the data-worker's management", Variable.DATA_WORKER_MANAGEMENT),
        new Wish(postgres, "Postgres", Variable.POSTGRES),
        new Wish(redis, "Redis", Variable.REDIS),
        new Wish(kafka, "Kafka", Variable.KAFKA));
  }

  private static int port(Map<String, String> environment, String variable, int usual) {
    String text = environment.getOrDefault(variable, "").strip();
    if (text.isEmpty()) {
      return usual;
    }
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= HIGHEST) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // The sentence below says what we expected and what we found.
    }
    throw StackError.badSetting(variable + " must be a port, 1 to 65535, not '" + text + "'.");
  }

  /** The names of the environment variables. */
  static final class Variable {
    static final String USER_WORKER = "SALLYPORT_USER_WORKER_PORT";
    static final String USER_WORKER_MANAGEMENT = "SALLYPORT_USER_WORKER_MANAGEMENT_PORT";
    static final String DATA_WORKER = "SALLYPORT_DATA_WORKER_PORT";
    static final String DATA_WORKER_MANAGEMENT = "SALLYPORT_DATA_WORKER_MANAGEMENT_PORT";
    static final String POSTGRES = "SALLYPORT_POSTGRES_PORT";
    static final String REDIS = "SALLYPORT_REDIS_PORT";
    static final String KAFKA = "SALLYPORT_KAFKA_PORT";

    private Variable() {}
  }
}
