package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnersTest {
  private static final int MAX = 10;
  private static final String THING = "/api/internal/rooms/r";
  private static final WorkerAddress ONE = address("http://10.0.0.1:8080");
  private static final WorkerAddress TWO = address("http://10.0.0.2:8080");

  private final Set<String> live = new HashSet<>(List.of(ONE.text(), TWO.text()));
  private final Owners owners =
      new Owners(
          "BACKEND_SERVICE",
          "http",
          address -> Future.succeededFuture(live.contains(address)),
          MAX,
          new SimpleMeterRegistry());

  private static WorkerAddress address(String text) {
    return WorkerAddress.parse(text).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "/api/internal/actors/counter/k,                  /api/internal/actors/counter/k",
    "/api/internal/actors/counter/k?x=/y/z,           /api/internal/actors/counter/k",
    "/api/internal/actors/counter/k/add,              /api/internal/actors/counter/k",
    "/api/internal/actors/counter/a%20b/add?x,        /api/internal/actors/counter/a%20b",
    "/api/internal/rooms/r,                           /api/internal/rooms/r",
    "/api/internal/rooms/r?epoch=1,                   /api/internal/rooms/r",
    "/api/internal/rooms/r/socket?epoch=1&offset=2,   /api/internal/rooms/r",
    "/api/internal/rooms/r/messages,                  /api/internal/rooms/r"
  })
  void anActorAndARoomHaveAnOwner(String target, String thing) {
    assertThat(Owners.thing(target)).contains(thing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/internal/actors",
        "/api/internal/actors/counter",
        "/api/internal/actors/counter/",
        "/api/internal/actors/counter?x=/api/internal/rooms/r",
        "/api/internal/rooms",
        "/api/internal/rooms/",
        "/api/internal/rooms?x/y",
        "/api/internal/roomsandmore/r",
        "/api/internal/echo",
        "/x/api/internal/rooms/r",
        "/api/rpc"
      })
  void nothingElseHas(String target) {
    assertThat(Owners.thing(target)).isEmpty();
  }

  @Test
  void whoIsNamedMayBeCalledIfItLives() {
    assertThat(owners.find(ONE.text()).result()).contains(ONE);
    live.remove(ONE.text());
    assertThat(owners.find(ONE.text()).result()).isEmpty();
  }

  @Test
  void whoIsNotNamedOrNotByAnAddressIsNotCalled() {
    assertThat(owners.find(null).result()).isEmpty();
    for (var text : List.of("", "10.0.0.1:8080", ONE.text() + "/x", "http://x@10.0.0.1:8080")) {
      live.add(text);
      assertThat(owners.find(text).result()).as(text).isEmpty();
    }
  }

  @Test
  void theSchemeIsTheBindings() {
    live.add("https://10.0.0.1:8080");
    assertThat(owners.find("https://10.0.0.1:8080").result()).isEmpty();
  }

  @Test
  void anOwnerIsRecalledWhileItLives() {
    assertThat(owners.recall(THING).result()).isEmpty();
    owners.remember(THING, ONE);
    assertThat(owners.recall(THING).result()).contains(ONE);
    live.remove(ONE.text());
    assertThat(owners.recall(THING).result()).isEmpty();
    live.add(ONE.text());
    assertThat(owners.recall(THING).result()).isEmpty();
  }

  @Test
  void whoForgetsLateForgetsNobodyElse() {
    owners.remember(THING, ONE);
    owners.remember(THING, TWO);
    owners.forget(THING, ONE);
    assertThat(owners.recall(THING).result()).contains(TWO);
    owners.forget(THING, TWO);
    assertThat(owners.recall(THING).result()).isEmpty();
  }

  @Test
  void noMoreAreRememberedThanThereIsRoomFor() {
    int known = 0;
    for (int i = 0; i < 100; i++) {
      owners.remember(THING + i, ONE);
    }
    for (int i = 0; i < 100; i++) {
      known += owners.recall(THING + i).result().isPresent() ? 1 : 0;
    }
    assertThat(known).isEqualTo(MAX);
  }

  @Test
  void aNameWithoutEndIsNotRemembered() {
    var longName = THING + "x".repeat(8000);
    owners.remember(longName, ONE);
    assertThat(owners.recall(longName).result()).isEmpty();
  }
}
