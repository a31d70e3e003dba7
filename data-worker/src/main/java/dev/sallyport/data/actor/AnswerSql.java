package dev.sallyport.data.actor;

import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * What calls that travelled as rows were answered, in {@code actor.answer}. Blocks; thread-safe.
 */
@Singleton
class AnswerSql {
  /** Rung with the caller that has got one. */
  static final String CHANNEL = "actor_answer";

  private static final String ANSWERS =
      "SELECT ticket, outcome, told FROM actor.answer WHERE caller = $1 ORDER BY ticket LIMIT $2";

  private static final String FETCHED =
      "DELETE FROM actor.answer WHERE caller = $1 AND ticket = ANY($2)";

  /** A thousand at a time; nobody waits for another who does the same. */
  private static final String FORGET =
      """
      DELETE FROM actor.answer WHERE (caller, ticket) IN (
        SELECT caller, ticket FROM actor.answer WHERE keep_until <= clock_timestamp()
          ORDER BY keep_until LIMIT 1000 FOR UPDATE SKIP LOCKED)\
      """;

  /**
   * An answer.
   *
   * @param outcome of {@link Change.Settled.Outcome}, in lower case
   * @param told JSON: the reply, or the problem
   */
  record Answer(long ticket, String outcome, String told) {}

  private final Transactions transactions;

  @Inject
  AnswerSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Some that are there for a caller. */
  List<Answer> answers(long caller, int max) {
    var found = new ArrayList<Answer>();
    for (var row : transactions.execute(ANSWERS, caller, max)) {
      found.add(new Answer(row.getLong(0), row.getString(1), row.getString(2)));
    }
    return found;
  }

  /** Removes what was fetched. */
  void fetched(long caller, List<Answer> answers) {
    transactions.execute(
        FETCHED, caller, answers.stream().map(Answer::ticket).toArray(Long[]::new));
  }

  /** Removes some that nobody fetched. */
  int forget() {
    return transactions.execute(FORGET).rowCount();
  }
}
