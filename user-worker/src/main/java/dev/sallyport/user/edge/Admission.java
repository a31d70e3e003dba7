package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.limit.Limiter;
import dev.sallyport.user.limit.Limits;
import dev.sallyport.user.limit.Payer;
import dev.sallyport.user.limit.Verdict;
import dev.sallyport.user.platform.EventLoop;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/**
 * Charges each request once: to its caller where a credential was found good, else to its address.
 * Whoever is beyond the budget fails with the answer. On the request's event loop.
 */
@ApplicationScoped
class Admission {
  private static final Future<Void> MAY = Future.succeededFuture();

  private final Limiter limiter;
  private final int trustedHops;

  @Inject
  Admission(Limiter limiter, EdgeSettings settings) {
    this.limiter = limiter;
    this.trustedHops = settings.trustedHops();
  }

  /** Charges a request for which nobody looks at a credential. */
  Future<Void> charge(RoutingContext context, Limits limits) {
    return settled(context, limiter.charge(address(context), limits));
  }

  /**
   * Charges a caller; without one the address has been charged already.
   *
   * @param refusal what ends the request in any case: it is charged too, and answered with this
   */
  Future<Optional<Principal>> charge(
      RoutingContext context,
      Optional<Principal> caller,
      Limits limits,
      Optional<Problem> refusal) {
    var charged =
        caller.map(one -> settled(context, limiter.charge(payer(one), limits))).orElse(MAY);
    return refusal
        .<Future<Optional<Principal>>>map(problem ->
            charged.transform(either -> Future.failedFuture(new ProblemException(problem))))
        .orElseGet(() -> charged.map(caller));
  }

  private static Payer payer(Principal caller) {
    var keyId = caller.keyId();
    return keyId == null ? Payer.user(caller.userId()) : Payer.key(keyId);
  }

  /**
   * Whether the sender's address may have a credential verified; charges nobody. Only for
   * credentials that are not remembered, since it is a question of its own: who pays is not known
   * before the answer.
   */
  Future<Void> look(RoutingContext context, Limits limits) {
    return EventLoop.here(limiter.look(address(context), limits))
        .compose(verdict -> verdict.refusal().isPresent() ? ended(context, verdict) : MAY);
  }

  /** Charges the address where there is no caller, or a credential that is not good. */
  Future<Optional<Principal>> chargeUnlessKnown(
      RoutingContext context, Limits limits, Future<Optional<Principal>> identified) {
    return identified
        .compose(caller ->
            caller.isPresent()
                ? Future.succeededFuture(caller)
                : charge(context, limits).map(caller))
        .recover(failure ->
            isBadCredential(failure)
                ? charge(context, limits).compose(charged -> Future.failedFuture(failure))
                : Future.failedFuture(failure));
  }

  private static boolean isBadCredential(Throwable failure) {
    return failure instanceof ProblemException refused
        && refused.problem().type() == ProblemType.UNAUTHENTICATED;
  }

  private Payer address(RoutingContext context) {
    return Payer.address(ClientAddress.of(context.request(), trustedHops));
  }

  private static Future<Void> settled(RoutingContext context, Future<Verdict> asked) {
    return EventLoop.here(asked).compose(verdict -> ended(context, verdict));
  }

  private static Future<Void> ended(RoutingContext context, Verdict verdict) {
    // When the head is written: whatever answers makes its own.
    context.addHeadersEndHandler(ending -> verdict.describe(context.response().headers()));
    return verdict
        .refusal()
        .<Future<Void>>map(problem -> Future.failedFuture(new ProblemException(problem)))
        .orElse(MAY);
  }
}
