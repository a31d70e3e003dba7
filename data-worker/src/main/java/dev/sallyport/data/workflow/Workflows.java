package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.NewRun;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.UuidV7;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
    return transactions.call(tx -> start(tx, workflow, principal, params));
  }

  /** The types that this worker has. */
  public Set<String> types() {
    return registry.all().stream().map(Definition::type).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What is wrong with parameters for a type.
   *
   * @param type one of {@link #types}
   * @param field how whoever wrote them calls the whole
   * @param json one JSON value
   * @return nothing when a run can be started with them
   */
  public Optional<FieldError> misfit(String type, String field, String json) {
    var definition = registry.find(type).orElseThrow();
    try {
      payloads.checkFromClient(field, json);
      var read = payloads.fromClient(field, json, definition.params());
      return read == null && !definition.params().hasRawClass(Void.class)
          ? Optional.of(new FieldError(field, "must not be null"))
          : Optional.empty();
    } catch (Refusal e) {
      var problem = e.problem();
      return Optional.of(
          problem.errors().isEmpty()
              ? new FieldError(field, problem.detail())
              : problem.errors().getFirst());
    }
  }

  /**
   * Starts a run of the newest version of a type, under an id of the caller's choice.
   *
   * @param params JSON
   * @return whether it was started now; false when the id was in use
   * @throws IllegalArgumentException when this worker has no such type, or the parameters do not
   *     fit it; nothing was written
   */
  public boolean startOnce(Tx tx, String type, String id, String principal, String params) {
    var definition =
        registry
            .find(type)
            .orElseThrow(() -> new IllegalArgumentException("there is no workflow " + type));
    @Nullable Object read;
    try {
      read = payloads.params(params, definition.params());
    } catch (WorkflowError e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return insert(tx, definition, id, principal, params, read);
  }

  /** Whether a run of this id is there and has not ended. */
  public boolean isGoing(Tx tx, String type, String id) {
    return sql.isGoing(tx, type, id);
  }

  private Optional<String> insert(
      Tx tx,
      Class<? extends Workflow<?, ?>> workflow,
      String id,
      String principal,
      @Nullable Object params) {
    var json = payloads.keep("the parameters", params).json();
    return insert(tx, registry.of(workflow), id, principal, json, params)
        ? Optional.of(id)
        : Optional.empty();
  }

  private boolean insert(
      Tx tx,
      Definition definition,
      String id,
      String principal,
      String json,
      @Nullable Object params) {
    var run =
        new NewRun(
            definition.type(),
            id,
            definition.version(),
            principal,
            json,
            definition.priority(params),
            null);
    boolean started = sql.insertQueued(tx, List.of(run)).getFirst() != null;
    if (started) {
      claims.notifyReady(tx);
    }
    return started;
  }
}
