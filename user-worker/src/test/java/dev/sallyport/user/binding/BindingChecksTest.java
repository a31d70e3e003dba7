package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start says of settings that cannot be. */
class BindingChecksTest {
  private static BindingSettings.One shop(Map<String, String> more) {
    var all = new HashMap<>(more);
    all.putIfAbsent("sallyport.bindings.shop.url", "http://shop:9100");
    var settings =
        new SmallRyeConfigBuilder()
            .withMapping(BindingSettings.class)
            .withDefaultValues(all)
            .build()
            .getConfigMapping(BindingSettings.class);
    return Objects.requireNonNull(settings.bindings().get("shop"));
  }

  @Test
  void aBindingNeedsNoMoreThanAnAddress() {
    var shop = shop(Map.of());
    assertThatCode(() -> BindingChecks.check("shop", shop)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          url                     | ftp://shop
          url                     | http:///path
          entrypoint              | /a/
          entrypoint              | /../a
          timeout                 | PT0S
          connect-timeout         | PT-1S
          silence                 | PT11M
          connections-max         | 0
          streams-max             | 0
          tunnels-max             | 0
          waiting-max             | -1
          calls-max               | 0
          retries                 | 6
          retry-percent           | 101
          health-path             | ping
          breaker.failures        | 0
          breaker.window          | 65
          breaker.failure-percent | 0
          breaker.open-for        | PT0S
          breaker.probe-every     | PT0.001S
          """)
  void aWrongSettingIsNamed(String setting, String value) {
    var key = "sallyport.bindings.shop." + setting;
    var shop = shop(Map.of(key, value));
    assertThatThrownBy(() -> BindingChecks.check("shop", shop))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(key + " ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1shop", "a b", "a\"b", "a:b"})
  void aNameIsAPlainWord(String name) {
    var shop = shop(Map.of());
    assertThatThrownBy(() -> BindingChecks.check(name, shop))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("letters, digits");
  }
}
