package dev.sallyport.user.kv;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.SharedEntry;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.binding.Bindings;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the data-worker for a shared value, on this worker's own behalf. Does not block; each call
 * ends within {@link #WITHIN}.
 */
@ApplicationScoped
class Origin {
  static final Duration WITHIN = Duration.ofSeconds(2);

  private static final int OK = 200;

  private final Bindings bindings;
  private final UuidV7 ids;

  @Inject
  Origin(Bindings bindings, UuidV7 ids) {
    this.bindings = bindings;
    this.ids = ids;
  }

  /** What is committed, version 0 for nothing; fails with a {@link ProblemException}. */
  Future<SharedEntry> ask(String space, String key) {
    var binding = bindings.backend();
    var target =
        SharedEntry.PATH + space + "?key=" + URLEncoder.encode(key, StandardCharsets.UTF_8);
    var call =
        new BindingCall(
            HttpMethod.GET,
            target,
            HttpHeaders.headers(),
            SharedEntry.CALLER,
            "",
            null,
            ids.next().toString(),
            "127.0.0.1",
            WITHIN);
    long began = System.nanoTime();
    return binding
        .open(call)
        // What is to be done with the answer is said on the connection's own event loop before the
        // request is sent: a caller that is no event loop could say it after the answer's end.
        .compose(request ->
            request
                .idleTimeout(WITHIN.toMillis())
                .send()
                .compose(answer -> answer.body().map(body -> read(answer, body))))
        .timeout(WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(done -> {
          var took = Duration.ofNanos(System.nanoTime() - began);
          if (done.succeeded()) {
            binding.ended(call, Binding.Outcome.SUCCEEDED, OK, took);
          } else if (done.cause() instanceof ProblemException answered) {
            binding.ended(
                call, Binding.Outcome.SUCCEEDED, answered.problem().type().status(), took);
          } else {
            var failure = failure(done.cause());
            binding.ended(call, failure.outcome(), failure.problem(true).type().status(), took);
          }
        })
        .recover(cause ->
            Future.failedFuture(
                cause instanceof ProblemException
                    ? cause
                    : new ProblemException(failure(cause).problem(true))));
  }

  private static BindingFailure failure(Throwable cause) {
    return cause instanceof TimeoutException ? BindingFailure.TIMED_OUT : BindingFailure.of(cause);
  }

  private static SharedEntry read(HttpClientResponse answer, Buffer body) {
    if (answer.statusCode() != OK) {
      throw bad("The data-worker answered " + answer.statusCode() + " for a shared value.");
    }
    try {
      var json = body.toJsonObject();
      return new SharedEntry(json.getLong("version", 0L), json.getString("value"));
    } catch (DecodeException | ClassCastException e) {
      throw bad("The data-worker's answer for a shared value could not be read.");
    }
  }

  private static ProblemException bad(String detail) {
    return new ProblemException(ProblemType.BAD_ANSWER, detail);
  }
}
