package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.workflow.Starts.Result;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UuidV7;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Starts runs for clients. Thread-safe, does not block. */
@Singleton
class Starting {
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Starts starts;
  private final Reach reach;
  private final Payloads payloads;
  private final RunReader reader;
  private final Followers followers;
  private final UuidV7 ids;

  @Inject
  Starting(
      Starts starts,
      Reach reach,
      Payloads payloads,
      RunReader reader,
      Followers followers,
      Clock clock) {
    this.starts = starts;
    this.reach = reach;
    this.payloads = payloads;
    this.reader = reader;
    this.followers = followers;
    this.ids = new UuidV7(clock, () -> ThreadLocalRandom.current().nextLong());
  }

  /**
   * What came of it.
   *
   * @param created whether the run is new
   * @param json the run
   */
  record Answer(boolean created, String id, String json) {}

  /** A run as its asker may have it. */
  Ledger.NewRun prepare(Caller.User caller, String type, StartBody asked, String field) {
    var definition = reach.toStart(caller, type);
    var params = asked.paramsFor(definition);
    payloads.checkFromClient(field, params);
    var read = payloads.fromClient(field, params, definition.params());
    if (read == null && !definition.params().hasRawClass(Void.class)) {
      throw StartBody.invalid(field, "must not be null");
    }
    return new Ledger.NewRun(
        type,
        asked.id() == null ? ids.next().toString() : asked.id(),
        definition.version(),
        caller.id(),
        params,
        definition.priority(read),
        null);
  }

  /**
   * Starts a run and waits for its end, where that is asked for.
   *
   * @param key of the client's own, or null
   * @throws Refusal 404, 422; the future fails with 409, 422, 503
   */
  Future<Answer> start(
      Caller.User caller,
      String type,
      StartBody asked,
      @Nullable String key,
      @Nullable Duration wait) {
    var run = prepare(caller, type, asked, "params");
    var idempotency = key == null ? null : Idempotency.of(checked(key), asked.id(), run.params());
    if (wait != null && !followers.hasRoom()) {
      throw Followers.overloaded();
    }
    return Future.fromCompletionStage(starts.start(run, idempotency))
        .recover(failure -> Future.failedFuture(known(failure)))
        .compose(result ->
            switch (result) {
              case Result.Started started -> begun(run, started, wait);
              case Result.Repeated(var pk) ->
                  reader
                      .byKey(pk)
                      .compose(known ->
                          awaited(known, wait).map(json -> new Answer(false, known.id(), json)));
              case Result.IdTaken() ->
                  Future.failedFuture(
                      Refusal.of(ProblemType.ID_TAKEN, "Choose another id, or none."));
              case Result.KeyReused() ->
                  Future.failedFuture(
                      StartBody.invalid(
                          "Idempotency-Key", "was used for a run with other content"));
            });
  }

  private static Throwable known(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof Starts.Overloaded
        ? Refusal.of(
            Problem.retryable(
                ProblemType.OVERLOADED, "Too many runs are being started.", Duration.ofSeconds(1)))
        : cause;
  }

  private Future<Answer> begun(Ledger.NewRun run, Result.Started started, @Nullable Duration wait) {
    var row = RunRow.begun(run, started.run(), started.status(), started.createdAt());
    if (wait == null) {
      return Future.succeededFuture(new Answer(true, run.id(), RunReader.fresh(row)));
    }
    return awaited(row, wait).map(json -> new Answer(true, run.id(), json));
  }

  /** The JSON of a run that is known to be visible: once it is over, if it is to be waited for. */
  Future<String> awaited(RunRow run, @Nullable Duration wait) {
    if (wait == null || run.status().isFinished()) {
      return reader.whole(run);
    }
    return Future.fromCompletionStage(followers.end(run.pk(), wait))
        .compose(end ->
            end == null ? reader.byKey(run.pk()).compose(reader::whole) : reader.whole(run, end));
  }

  private static String checked(String key) {
    if (!KEY.matcher(key).matches()) {
      throw StartBody.invalid("Idempotency-Key", "is 1 to 255 visible ASCII characters");
    }
    return key;
  }
}
