package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TicketedTargetTest {
  private static final String PATH = "/api/internal/rooms/r/socket";

  private static TicketedTarget of(String query) {
    return TicketedTarget.of(RequestTarget.parse(PATH + query).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "?ticket=T, ''",
    "?ticket=T&epoch=a%2Fb&offset=7, ?epoch=a%2Fb&offset=7",
    "?epoch=a%2fB&ticket=T&offset=7, ?epoch=a%2fB&offset=7",
    "?epoch=a+b&offset=7&ticket=T, ?epoch=a+b&offset=7",
    "?&ticket=T&, ?&",
    "?a=1&&ticket=T, ?a=1&",
    "?a&ticket=T&a&=&b==, ?a&a&=&b==",
    "?%74i%63ket=T&a, ?a",
    "?tic%6Bet=T&a, ?a",
    "?tic%6bet=T&a, ?a"
  })
  void aTicketIsCutAndTheRestStaysAsItWas(String sent, String left) {
    assertThat(of(sent).tickets()).containsExactly("T");
    assertThat(of(sent).rest().text()).isEqualTo(PATH + left);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "?&&",
        "?Ticket=T",
        "?tickets=T&aticket=T&ticket%20=T&%2574icket=T",
        "?a=ticket&b=ticket=T",
        "?%&%7=ticket"
      })
  void whatIsNoTicketStays(String sent) {
    assertThat(of(sent).tickets()).isEmpty();
    assertThat(of(sent).rest().text()).isEqualTo(PATH + sent);
  }

  @Test
  void everyTicketIsCutAndTold() {
    var ticketed = of("?ticket=a&ticket&x=1&ticket=&%74icket=b=c");
    assertThat(ticketed.tickets()).isEqualTo(List.of("a", "", "", "b=c"));
    assertThat(ticketed.rest().text()).isEqualTo(PATH + "?x=1");
  }
}
