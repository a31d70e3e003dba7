package dev.sallyport.data.binding;

import static dev.sallyport.model.WorkerHeaders.CLIENT_ADDRESS;
import static dev.sallyport.model.WorkerHeaders.DEADLINE;
import static dev.sallyport.model.WorkerHeaders.INTERNAL_REQUEST;
import static dev.sallyport.model.WorkerHeaders.REQUEST_ID;
import static dev.sallyport.model.WorkerHeaders.SIGNATURE;
import static dev.sallyport.model.WorkerHeaders.USER_ID;
import static dev.sallyport.model.WorkerHeaders.USER_ROLES;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.model.SignedCall;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one call from its head alone: who is calling, or why it is not let in. No I/O;
 * thread-safe.
 */
final class Doorkeeper {
  /** What was decided. */
  sealed interface Verdict {
    record Admit(InternalCall call) implements Verdict {}

    record Refuse(Reason reason) implements Verdict {}

    /**
     * Signed by the user-worker, but too long ago or not yet; positive when its clock is behind.
     */
    record Skewed(Duration behind) implements Verdict {}
  }

  /** Why a call is refused, as its counter says. */
  enum Reason {
    MISSING,
    MALFORMED,
    UNKNOWN_KEY,
    WRONG,
    CLOCK_SKEW,
    /** A header that says who is calling came twice, or says nothing that can be read. */
    AMBIGUOUS
  }

  /** Nineteen digits do not fit a long. */
  private static final Pattern MILLIS = Pattern.compile("\\d{1,18}");

  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private final String binding;
  private final @Nullable CallSigner signer;

  /**
   * @param signer null to trust the network
   */
  Doorkeeper(String binding, @Nullable CallSigner signer) {
    this.binding = binding;
    this.signer = signer;
  }

  /**
   * @param target path and query exactly as they came
   * @param freshId names a request that came without an id
   */
  Verdict decide(String method, String target, MultiMap headers, Supplier<String> freshId) {
    try {
      var call =
          new SignedCall(
              binding,
              method,
              target,
              only(headers, USER_ID),
              only(headers, USER_ROLES),
              only(headers, REQUEST_ID),
              only(headers, CLIENT_ADDRESS),
              only(headers, INTERNAL_REQUEST),
              only(headers, DEADLINE),
              only(headers, HttpHeaders.CONTENT_TYPE),
              only(headers, IDEMPOTENCY_KEY));
      return switch (check(call, only(headers, SIGNATURE))) {
        case SignatureCheck.Valid() -> new Verdict.Admit(admitted(call, freshId));
        case SignatureCheck.Missing() -> new Verdict.Refuse(Reason.MISSING);
        case SignatureCheck.Malformed() -> new Verdict.Refuse(Reason.MALFORMED);
        case SignatureCheck.UnknownKey() -> new Verdict.Refuse(Reason.UNKNOWN_KEY);
        case SignatureCheck.Wrong() -> new Verdict.Refuse(Reason.WRONG);
        case SignatureCheck.Skewed(var behind) -> new Verdict.Skewed(behind);
      };
    } catch (AmbiguousHeader e) {
      return new Verdict.Refuse(Reason.AMBIGUOUS);
    }
  }

  private SignatureCheck check(SignedCall call, @Nullable String signature) {
    return signer == null ? new SignatureCheck.Valid() : signer.check(call, signature);
  }

  private static InternalCall admitted(SignedCall call, Supplier<String> freshId)
      throws AmbiguousHeader {
    return new InternalCall(
        caller(call.userId(), call.userRoles()),
        call.requestId() == null ? freshId.get() : call.requestId(),
        timeLeft(call.deadline()));
  }

  private static Caller caller(@Nullable String id, @Nullable String roles) throws AmbiguousHeader {
    if (id == null && roles == null) {
      return new Caller.Anonymous();
    }
    if (id == null || id.isBlank()) {
      throw new AmbiguousHeader();
    }
    return new Caller.User(
        id, roles == null || roles.isEmpty() ? List.of() : List.of(roles.split(",", -1)));
  }

  private static @Nullable Duration timeLeft(@Nullable String millis) throws AmbiguousHeader {
    if (millis == null) {
      return null;
    }
    if (!MILLIS.matcher(millis).matches()) {
      throw new AmbiguousHeader();
    }
    return Duration.ofMillis(Long.parseLong(millis));
  }

  /**
   * A signature covers one value of a header. A second one would be read by whoever reads the last
   * instead of the first, so a call with two is nobody's.
   */
  private static @Nullable String only(MultiMap headers, CharSequence name) throws AmbiguousHeader {
    var values = headers.getAll(name);
    return switch (values.size()) {
      case 0 -> null;
      case 1 -> values.getFirst();
      default -> throw new AmbiguousHeader();
    };
  }

  private static final class AmbiguousHeader extends Exception {
    AmbiguousHeader() {
      super(null, null, false, false);
    }
  }
}
