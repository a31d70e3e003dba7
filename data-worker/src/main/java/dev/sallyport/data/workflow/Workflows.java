package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.NewRun;
import dev.sallyport.model.UuidV7;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts workflows from other code of the data-worker. Thread-safe; blocks. */
@Singleton
public class Workflows {
  private final Registry registry;
  private final Payloads payloads;
  private final StartSql sql;
  private final ClaimSql claims;
  private final Transactions transactions;
  private final UuidV7 ids;

  @Inject
  Workflows(
      Registry registry,
      Payloads payloads,
      StartSql sql,
      ClaimSql claims,
      Transactions transactions,
      Clock clock) {
    this.registry = registry;
    this.payloads = payloads;
    this.sql = sql;
    this.claims = claims;
    this.transactions = transactions;
    this.ids = new UuidV7(clock, new SecureRandom());
  }

  /**
   * Starts a run in a transaction of the caller's: it begins when that commits, and never was when
   * that does not.
   *
   * @param principal whose run it is: a user's id, or a name of the service's own
   * @return its id
   */
  public <P> String start(
      Tx tx, Class<? extends Workflow<P, ?>> workflow, String principal, P params) {
    var id = ids.next().toString();
    if (insert(tx, workflow, id, principal, params).isEmpty()) {
      throw new IllegalStateException("a new random id is in use: " + id);
    }
    return id;
  }

  /**
   * Starts a run under an id of the caller's choice, such as the order's, so that it is started
   * once however often this is called.
   *
   * @return whether it was started now; false when the id was in use
   */
  public <P> boolean startOnce(
      Tx tx, Class<? extends Workflow<P, ?>> workflow, String id, String principal, P params) {
    return insert(tx, workflow, id, principal, params).isPresent();
  }

  /**
   * Starts a run in a transaction of its own.
   *
   * @return its id
   * @throws dev.sallyport.data.platform.StoreFailure where Postgres could not be used
   */
  public <P> String start(Class<? extends Workflow<P, ?>> workflow, String principal, P params) {
    try {
      return transactions.call(tx -> start(tx, workflow, principal, params));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("nothing in it throws one", e);
    }
  }

  private Optional<String> insert(
      Tx tx,
      Class<? extends Workflow<?, ?>> workflow,
      String id,
      String principal,
      @Nullable Object params) {
    var definition = registry.of(workflow);
    var run =
        new NewRun(
            definition.type(),
            id,
            definition.version(),
            principal,
            payloads.keep("the parameters", params).json(),
            definition.priority(params),
            null);
    if (!sql.insertQueued(tx, run)) {
      return Optional.empty();
    }
    claims.notifyReady(tx);
    return Optional.of(id);
  }
}
