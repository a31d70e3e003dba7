package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingNamesTest {
  private final SettingNames names =
      SettingNames.of("sallyport.trust", "sallyport.origins", "sallyport.bindings.*.max-size");

  @Test
  void whatIsKnownIsNotReported() {
    assertThat(
            names.unknown(
                List.of(
                    "SALLYPORT_TRUST",
                    "SALLYPORT_ORIGINS_0_",
                    "SALLYPORT_BINDINGS_BACKEND_SERVICE_MAX_SIZE",
                    "PATH",
                    "SALLYPORTS")))
        .isEmpty();
  }

  @Test
  void whatTheLauncherTakesIsNotReported() {
    assertThat(
            names.unknown(
                List.of(
                    "SALLYPORT_NATIVE",
                    "SALLYPORT_USER_WORKER_PORT",
                    "SALLYPORT_DATA_WORKER_MANAGEMENT_PORT",
                    "SALLYPORT_KAFKA_PORT")))
        .isEmpty();
  }

  @Test
  void whatIsMisspeltIsReported() {
    assertThat(
            names.unknown(
                List.of("SALLYPORT_TRUSTS", "SALLYPORT_BINDINGS_X_SIZE", "SALLYPORT_ORIGIN")))
        .containsExactly("SALLYPORT_BINDINGS_X_SIZE", "SALLYPORT_ORIGIN", "SALLYPORT_TRUSTS");
  }
}
