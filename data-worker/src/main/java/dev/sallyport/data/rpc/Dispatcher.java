package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.rpc.RpcMeters.Outcome;
import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.model.rpc.RpcError;
import dev.sallyport.model.rpc.RpcException;
import dev.sallyport.model.rpc.RpcFault;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Runs one entry and says what it is answered. Blocks: on virtual threads. Thread-safe. */
@Singleton
class Dispatcher {
  /** What is answered to a notification. */
  static final String NOTHING = "";

  /**
   * How many methods run at once in this worker. One that goes on after it was interrupted counts
   * until it ends.
   */
  private static final int RUNNING_MAX = 1000;

  private static final Logger LOG = Logger.getLogger(Dispatcher.class);

  private final RpcRegistry registry;
  private final ParamBinder binder;
  private final Discovery discovery;
  private final RpcMeters meters;
  private final Ticker ticker;
  private final Semaphore running = new Semaphore(RUNNING_MAX);

  @Inject
  Dispatcher(
      RpcRegistry registry,
      ParamBinder binder,
      Discovery discovery,
      RpcMeters meters,
      Ticker ticker) {
    this.registry = registry;
    this.binder = binder;
    this.discovery = discovery;
    this.meters = meters;
    this.ticker = ticker;
  }

  /**
   * The answer, as JSON, or {@link #NOTHING}.
   *
   * @param caller who calls, the same as that of {@code call}
   * @param until when the caller has stopped waiting, by the ticker
   */
  String serve(Entry entry, Answers answers, Caller.User caller, InternalCall call, long until) {
    long began = ticker.nanos();
    var served =
        switch (entry) {
          case Entry.Invalid(var id) -> refused(answers, id, RpcFault.INVALID_REQUEST);
          case Entry.Call asked -> {
            var named = asked.id() == null ? Entry.NO_ID : asked.id();
            yield serve(asked, named, answers, caller, call, until);
          }
        };
    meters.ended(served.outcome(), Duration.ofNanos(ticker.nanos() - began));
    return entry instanceof Entry.Call asked && asked.id() == null ? NOTHING : served.answer();
  }

  /** What an entry is answered whose caller's time is over. */
  String late(Entry entry, Answers answers, boolean begun) {
    return switch (entry) {
      case Entry.Invalid(var id) -> refused(answers, id, RpcFault.INVALID_REQUEST).answer();
      case Entry.Call(var id, _, _) -> {
        meters.ended(Outcome.TIMED_OUT, Duration.ZERO);
        var fault = RpcFault.TIMED_OUT;
        yield id == null
            ? NOTHING
            : answers.fault(id, fault.code(), fault.message(), "{\"begun\":" + begun + "}");
      }
    };
  }

  private record Served(String answer, Outcome outcome) {}

  private Served serve(
      Entry.Call asked,
      String id,
      Answers answers,
      Caller.User caller,
      InternalCall call,
      long until) {
    try {
      var result = result(asked, caller, until);
      // What a notification gives takes no room.
      return new Served(asked.id() == null ? NOTHING : answers.result(id, result), Outcome.SERVED);
    } catch (RpcException error) {
      return answered(asked, id, answers, error.error(), call);
    } catch (Refusal refusal) {
      var problem = refusal.problem().toJson(call.requestId());
      var fault = RpcFault.REFUSED;
      return new Served(answers.fault(id, fault.code(), fault.message(), problem), Outcome.REFUSED);
    } catch (Answers.TooLarge tooLarge) {
      return refused(answers, id, RpcFault.RESULT_TOO_LARGE);
    } catch (IOException | Failed | RuntimeException failure) {
      return failed(asked, id, answers, call, failure);
    }
  }

  /** An error that a method gave; its data is part of the results. */
  private static Served answered(
      Entry.Call asked, String id, Answers answers, RpcError error, InternalCall call) {
    try {
      return new Served(answers.error(id, error), Outcome.REFUSED);
    } catch (Answers.TooLarge tooLarge) {
      return refused(answers, id, RpcFault.RESULT_TOO_LARGE);
    } catch (IOException | RuntimeException noJson) {
      return failed(asked, id, answers, call, noJson);
    }
  }

  private static Served refused(Answers answers, String id, RpcFault fault) {
    return new Served(answers.fault(id, fault.code(), fault.message(), null), Outcome.REFUSED);
  }

  private static Served failed(
      Entry.Call asked, String id, Answers answers, InternalCall call, Throwable failure) {
    var cause = failure instanceof Failed ? failure.getCause() : failure;
    LOG.errorf(cause, "request %s failed in %s", call.requestId(), asked.method());
    var fault = RpcFault.INTERNAL_ERROR;
    var data = "{\"requestId\":" + answers.quoted(call.requestId()) + "}";
    return new Served(answers.fault(id, fault.code(), fault.message(), data), Outcome.FAILED);
  }

  private @Nullable Object result(Entry.Call asked, Caller.User caller, long until) throws Failed {
    if (asked.method().equals(JsonRpc.DISCOVER)) {
      return discovery.describe(registry.openTo(caller));
    }
    var method =
        registry
            .find(asked.method(), caller)
            .orElseThrow(() -> RpcFault.METHOD_NOT_FOUND.because(null));
    var arguments = binder.bind(method, asked.params());
    acquire(until);
    try {
      return invoke(method, arguments);
    } finally {
      running.release();
    }
  }

  private void acquire(long until) {
    try {
      if (!running.tryAcquire(until - ticker.nanos(), TimeUnit.NANOSECONDS)) {
        throw RpcFault.OVERLOADED.because(null);
      }
    } catch (InterruptedException timeIsOver) {
      Thread.currentThread().interrupt();
      throw RpcFault.OVERLOADED.because(null);
    }
  }

  private static @Nullable Object invoke(Offered method, @Nullable Object[] arguments)
      throws Failed {
    try {
      return method.operation().method().invoke(method.bean(), arguments);
    } catch (InvocationTargetException thrown) {
      switch (thrown.getCause()) {
        case RpcException error -> throw error;
        case Refusal refusal -> throw refusal;
        case null, default -> throw new Failed(thrown.getCause());
      }
    } catch (IllegalAccessException e) {
      throw new Failed(e);
    }
  }

  /** What a method threw that is no answer. */
  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    Failed(@Nullable Throwable cause) {
      super(null, cause, false, false);
    }
  }
}
