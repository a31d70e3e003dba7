package dev.sallyport.data.binding;

import static dev.sallyport.model.WorkerHeaders.DEADLINE;
import static dev.sallyport.model.WorkerHeaders.REQUEST_ID;
import static dev.sallyport.model.WorkerHeaders.USER_ID;
import static dev.sallyport.model.WorkerHeaders.USER_ROLES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.binding.Doorkeeper.Reason;
import dev.sallyport.data.binding.Doorkeeper.Verdict;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the headers say once they are believed; {@link GateTest} has the signatures. */
class DoorkeeperTest {
  private final Doorkeeper doorkeeper = new Doorkeeper("BACKEND_SERVICE", null);

  @Test
  void aUserComesInWithIdRolesRequestIdAndTimeLeft() {
    var headers =
        headers()
            .add(USER_ID, "ada")
            .add(USER_ROLES, "admin,user")
            .add(REQUEST_ID, "r-1")
            .add(DEADLINE, "1500");
    assertThat(decide(headers))
        .isEqualTo(
            admitted(
                new Caller.User("ada", List.of("admin", "user")), "r-1", Duration.ofMillis(1500)));
  }

  @Test
  void aUserMayHaveNoRoles() {
    assertThat(decide(headers().add(USER_ID, "ada").add(USER_ROLES, "")))
        .isEqualTo(admitted(new Caller.User("ada", List.of()), "fresh", null));
  }

  @Test
  void aCallForNobodyIsAnonymousAndGetsAnIdOfItsOwn() {
    assertThat(decide(headers())).isEqualTo(admitted(new Caller.Anonymous(), "fresh", null));
  }

  @Test
  void whatSaysTwoThingsOrNothingReadableIsRefused() {
    assertAmbiguous(headers().add(USER_ID, "ada").add("x-user-id", "eve"));
    assertAmbiguous(headers().add(USER_ID, "ada").add(USER_ID, "ada"));
    assertAmbiguous(headers().add("Idempotency-Key", "a").add("Idempotency-Key", "b"));
    assertAmbiguous(headers().add(USER_ROLES, "admin"));
    assertAmbiguous(headers().add(USER_ID, " ").add(USER_ROLES, "admin"));
    assertAmbiguous(headers().add(DEADLINE, "soon"));
    assertAmbiguous(headers().add(DEADLINE, "-1"));
    assertAmbiguous(headers().add(DEADLINE, "9".repeat(19)));
  }

  private void assertAmbiguous(MultiMap headers) {
    assertThat(decide(headers))
        .as(headers.toString())
        .isEqualTo(new Verdict.Refuse(Reason.AMBIGUOUS));
  }

  private Verdict decide(MultiMap headers) {
    return doorkeeper.decide("GET", "/api/internal/ping", headers, () -> "fresh");
  }

  private static Verdict admitted(Caller caller, String requestId, @Nullable Duration timeLeft) {
    return new Verdict.Admit(new InternalCall(caller, requestId, timeLeft));
  }

  private static MultiMap headers() {
    return MultiMap.caseInsensitiveMultiMap();
  }
}
