package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StackSettingsTest {
  @Test
  void portsThatAreTakenTogetherDiffer() {
    assertThat(StackSettings.freePorts(150)).hasSize(150).doesNotHaveDuplicates();
  }
}
