package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Rendezvous;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Divides the partitions of a queue among the workers that serve it. Every worker that knows of the
 * same others comes to the same result. Rendezvous hashing (Thaler and Ravishankar, 1998) with a
 * bound: nobody gets more than an even share, rounded up; so what moves when a worker comes or goes
 * is about its share. Pure.
 */
final class Assignment {
  private Assignment() {}

  /** Who should consume each partition, counted from 0; empty when there is nobody. */
  static Map<Integer, Long> of(String queue, int partitions, Collection<Long> workers) {
    var assigned = HashMap.<Integer, Long>newHashMap(partitions);
    if (workers.isEmpty()) {
      return assigned;
    }
    int share = Math.ceilDiv(partitions, workers.size());
    var load = new HashMap<Long, Integer>();
    var inOrder = workers.stream().sorted().toList();
    for (int partition = 0; partition < partitions; partition++) {
      var worker = preferred(queue, partition, inOrder, load, share);
      if (worker != null) {
        assigned.put(partition, worker);
        load.merge(worker, 1, Integer::sum);
      }
    }
    return assigned;
  }

  private static @Nullable Long preferred(
      String queue, int partition, List<Long> workers, Map<Long, Integer> load, int share) {
    Long best = null;
    long bestScore = 0;
    for (var worker : workers) {
      long score = Rendezvous.score(queue, partition, worker);
      if (load.getOrDefault(worker, 0) < share
          && (best == null || Long.compareUnsigned(score, bestScore) > 0)) {
        best = worker;
        bestScore = score;
      }
    }
    return best;
  }
}
