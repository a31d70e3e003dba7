package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallSignerTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final SignedCall CALL =
      new SignedCall(
          "BACKEND_SERVICE",
          "POST",
          "/api/internal/echo?a=b",
          "ada",
          "admin,user",
          "r-1",
          "127.0.0.1",
          "true",
          "10000",
          "application/json",
          null);

  private final CallSigner signer = signer("old", NOW);

  @Test
  void aSignedCallIsValid() {
    assertThat(signer.check(CALL, signer.sign(CALL))).isEqualTo(new SignatureCheck.Valid());
  }

  @Test
  void theSameCallAndTimeGiveTheSameSignatureOnEveryRelease() {
    // Two releases run side by side during a rollout: a change here is a change of version.
    assertThat(signer.sign(CALL))
        .isEqualTo("v1;kid=old;ts=1795255200000;mac=ZPC5Z5MWThvtyl8Xh2jzpC3e55AooVB3fD5lZNzr6E8");
  }

  @Test
  void noFieldCanBeChangedAddedOrRemoved() {
    var signature = signer.sign(CALL);
    List<UnaryOperator<SignedCall>> changes =
        List.of(
            c -> with(c, "OTHER", c.method(), c.target(), c.userId(), c.idempotencyKey()),
            c -> with(c, c.binding(), "PUT", c.target(), c.userId(), c.idempotencyKey()),
            c -> with(c, c.binding(), c.method(), c.target() + "c", c.userId(), null),
            c -> with(c, c.binding(), c.method(), c.target(), "eve", null),
            c -> with(c, c.binding(), c.method(), c.target(), null, null),
            c -> with(c, c.binding(), c.method(), c.target(), c.userId(), ""),
            c ->
                rest(c, "user", c.requestId(), c.clientAddress(), "true", "10000", c.contentType()),
            c -> rest(c, c.userRoles(), "r-2", c.clientAddress(), "true", "10000", c.contentType()),
            c -> rest(c, c.userRoles(), c.requestId(), "10.0.0.1", "true", "10000", "a/b"),
            c -> rest(c, c.userRoles(), c.requestId(), c.clientAddress(), null, "10000", "a/b"),
            c -> rest(c, c.userRoles(), c.requestId(), c.clientAddress(), "true", "1", "a/b"),
            c -> rest(c, c.userRoles(), c.requestId(), c.clientAddress(), "true", "10000", null));
    for (var change : changes) {
      var changed = change.apply(CALL);
      assertThat(signer.check(changed, signature)).as(changed.toString()).isEqualTo(WRONG);
    }
  }

  @Test
  void aFieldCannotGrowIntoItsNeighbour() {
    var moved = with(CALL, "BACKEND_SERVICEP", "OST", CALL.target(), CALL.userId(), null);
    assertThat(signer.check(moved, signer.sign(CALL))).isEqualTo(WRONG);
  }

  @Test
  void clocksMayBeNinetySecondsApartAndNoMore() {
    var signature = signer.sign(CALL);
    assertThat(signer("old", NOW.plusSeconds(90)).check(CALL, signature)).isEqualTo(VALID);
    assertThat(signer("old", NOW.minusSeconds(90)).check(CALL, signature)).isEqualTo(VALID);
    assertThat(signer("old", NOW.plusSeconds(91)).check(CALL, signature))
        .isEqualTo(new SignatureCheck.Skewed(Duration.ofSeconds(91)));
    assertThat(signer("old", NOW.minusSeconds(91)).check(CALL, signature))
        .isEqualTo(new SignatureCheck.Skewed(Duration.ofSeconds(-91)));
  }

  @Test
  void theTimeOfASignatureCannotBeChanged() {
    var later =
        signer.sign(CALL).replaceFirst("ts=\\d+", "ts=" + NOW.plusSeconds(5).toEpochMilli());
    assertThat(signer.check(CALL, later)).isEqualTo(WRONG);
  }

  @Test
  void bothKeysVerifyDuringRotation() {
    var rotating = signer("new,old", NOW);
    assertThat(rotating.check(CALL, signer.sign(CALL))).isEqualTo(VALID);
    assertThat(rotating.sign(CALL)).contains("kid=new;");
    assertThat(signer.check(CALL, rotating.sign(CALL))).isEqualTo(new SignatureCheck.UnknownKey());
  }

  @Test
  void whatIsNoSignatureIsSaidToBeNone() {
    assertThat(signer.check(CALL, null)).isEqualTo(new SignatureCheck.Missing());
    for (var bad :
        List.of("", "v1", "v2" + signer.sign(CALL).substring(2), signer.sign(CALL) + " ")) {
      assertThat(signer.check(CALL, bad)).as(bad).isEqualTo(new SignatureCheck.Malformed());
    }
  }

  private static final SignatureCheck VALID = new SignatureCheck.Valid();
  private static final SignatureCheck WRONG = new SignatureCheck.Wrong();

  private static CallSigner signer(String keyIds, Instant now) {
    var keys = new StringBuilder();
    for (var id : keyIds.split(",", -1)) {
      var secret = new byte[32];
      secret[0] = (byte) id.hashCode();
      keys.append(keys.isEmpty() ? "" : ",").append(id).append(':');
      keys.append(Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }
    return new CallSigner(SigningKeys.parse(keys.toString()), InstantSource.fixed(now));
  }

  private static SignedCall with(
      SignedCall c,
      String binding,
      String method,
      String target,
      @Nullable String userId,
      @Nullable String key) {
    return new SignedCall(
        binding,
        method,
        target,
        userId,
        c.userRoles(),
        c.requestId(),
        c.clientAddress(),
        c.internalRequest(),
        c.deadline(),
        c.contentType(),
        key);
  }

  private static SignedCall rest(
      SignedCall c,
      @Nullable String roles,
      @Nullable String requestId,
      @Nullable String address,
      @Nullable String internal,
      @Nullable String deadline,
      @Nullable String contentType) {
    return new SignedCall(
        c.binding(),
        c.method(),
        c.target(),
        c.userId(),
        roles,
        requestId,
        address,
        internal,
        deadline,
        contentType,
        c.idempotencyKey());
  }
}
