package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcFault;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One request of JSON-RPC, from its bytes to its answer's. Blocks. Thread-safe. */
@Singleton
class RpcCalls {
  /** What the edge gives a call that does not say. */
  private static final Duration USUAL = Duration.ofSeconds(10);

  /** What the way back to the caller is given, at the most; less of a short time. */
  private static final Duration WAY_BACK = Duration.ofMillis(500);

  private static final int WAY_BACK_SHARE = 10;

  private final RequestReader reader;
  private final Dispatcher dispatcher;
  private final RpcJson json;
  private final Ticker ticker;

  @Inject
  RpcCalls(RequestReader reader, Dispatcher dispatcher, RpcJson json, Ticker ticker) {
    this.reader = reader;
    this.dispatcher = dispatcher;
    this.json = json;
    this.ticker = ticker;
  }

  /**
   * The answer, as JSON; empty where there were only notifications, which have then been run.
   *
   * @throws Refusal 401 where nobody signed in, 413 where the batch is too long
   */
  Optional<String> serve(byte[] body, InternalCall call) throws InterruptedException {
    long began = ticker.nanos();
    var answers = new Answers(json);
    return switch (reader.read(body)) {
      case Incoming.Broken() -> {
        var fault = RpcFault.PARSE_ERROR;
        yield Optional.of(answers.fault(Entry.NO_ID, fault.code(), fault.message(), null));
      }
      case Incoming.TooMany() ->
          throw Refusal.of(
              ProblemType.TOO_LARGE,
              "A batch has at most " + JsonRpc.ENTRIES_MAX + " entries; nothing was done.");
      case Incoming.Single(var entry) ->
          run(List.of(entry), answers, call, began).stream().findFirst();
      case Incoming.Batch(var entries) -> {
        var told = run(entries, answers, call, began);
        yield told.isEmpty() ? Optional.empty() : Optional.of("[" + String.join(",", told) + "]");
      }
    };
  }

  private List<String> run(List<Entry> entries, Answers answers, InternalCall call, long began)
      throws InterruptedException {
    var left = call.timeLeft() == null ? USUAL : call.timeLeft();
    var share = left.dividedBy(WAY_BACK_SHARE);
    long until = began + left.minus(share.compareTo(WAY_BACK) < 0 ? share : WAY_BACK).toNanos();
    return new BatchRun(dispatcher, entries, answers, call.caller().user(), call, ticker, until)
        .run();
  }
}
