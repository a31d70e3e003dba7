package dev.sallyport.data.binding;

import dev.sallyport.model.UuidV7;
import dev.sallyport.model.WorkerHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Names requests. Thread-safe. */
@Singleton
class RequestIds {
  private static final Pattern REPEATABLE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private final UuidV7 ids;

  @Inject
  RequestIds(Clock clock) {
    // Ids tell requests apart and are no secret.
    this.ids = new UuidV7(clock, () -> ThreadLocalRandom.current().nextLong());
  }

  String next() {
    return ids.next().toString();
  }

  /** The current call's id; before the gate, what the caller says if that can be repeated. */
  String of(HttpServerRequest request) {
    return InternalCall.find()
        .map(InternalCall::requestId)
        .orElseGet(() -> {
          var claimed = request.getHeader(WorkerHeaders.REQUEST_ID);
          return claimed != null && REPEATABLE.matcher(claimed).matches() ? claimed : next();
        });
  }
}
