package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.UuidV7;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes runs from the beginnings of others. A fork has a new id, shares neither children nor events
 * that were not consumed, and belongs to whoever asked for it. Thread-safe; blocks.
 */
@Singleton
class Forks {
  private final Transactions transactions;
  private final ControlSql sql;
  private final ForkSql forks;
  private final Engine engine;
  private final UuidV7 ids;

  @Inject
  Forks(Transactions transactions, ControlSql sql, ForkSql forks, Engine engine, Clock clock) {
    this.transactions = transactions;
    this.sql = sql;
    this.forks = forks;
    this.engine = engine;
    this.ids = new UuidV7(clock, () -> ThreadLocalRandom.current().nextLong());
  }

  /**
   * Makes a run that goes on before a step.
   *
   * @param from one that the caller may see
   * @param step a name with its occurrence; of one in a branch with the branch before it, such as
   *     {@code 0.1/add#2}, where it is not the only one
   * @return the new run's key
   * @throws Refusal 422 when there is no such step
   */
  long fork(RunRow from, String step, String principal) {
    long made = transactions.call(tx -> fork(tx, from, step, principal));
    engine.kick();
    return made;
  }

  private long fork(Tx tx, RunRow from, String step, String principal) {
    var held = sql.lock(tx, from.pk()).orElseThrow(Reach::noRun);
    var named = forks.named(tx, held, step);
    if (named.isEmpty()) {
      throw StartBody.invalid("fromStep", "is no step that this run has come to");
    }
    var first = named.getFirst();
    boolean clear =
        named.size() == 1
            || first.at().branch().isEmpty()
            || step.startsWith(first.at().branch() + "/");
    if (!clear) {
      throw StartBody.invalid(
          "fromStep",
          "is in several branches: put one before it, as in " + first.at().branch() + "/" + step);
    }
    long made = forks.fork(tx, held, first, ids.next().toString(), principal);
    sql.tell(tx, List.of(ClaimSql.READY));
    return made;
  }
}
