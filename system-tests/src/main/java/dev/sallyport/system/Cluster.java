package dev.sallyport.system;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The data-workers of a verification, and which of them should answer now. Thread-safe; their
 * processes are for {@link Faults} alone.
 */
final class Cluster {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(4);

  /** One of them. */
  static final class Member {
    final Worker worker;
    final WorkflowCalls calls;
    private volatile boolean up = true;

    Member(Worker worker, InnerCalls calls) {
      this.worker = worker;
      this.calls = new WorkflowCalls(worker.http().within(ANSWER_WITHIN), calls);
    }

    URI url() {
      return worker.url();
    }

    boolean isUp() {
      return up;
    }

    void up(boolean now) {
      up = now;
    }
  }

  private final List<Member> members = new ArrayList<>();

  Cluster(Deployment deployment, List<Worker> workers, String userId) {
    var calls = new InnerCalls(deployment.signingKeys(), InstantSource.system(), userId);
    workers.forEach(worker -> members.add(new Member(worker, calls)));
  }

  List<Member> members() {
    return List.copyOf(members);
  }

  /** One to call: mostly one that should answer. */
  Member any(RandomGenerator random) {
    var up = random.nextInt(20) == 0 ? members : members.stream().filter(Member::isUp).toList();
    var from = up.isEmpty() ? members : up;
    return from.get(random.nextInt(from.size()));
  }
}
