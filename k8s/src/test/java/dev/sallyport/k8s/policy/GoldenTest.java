package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the policies open is exactly what somebody has read and agreed to. With {@code
 * -Dgolden.write} the files are written instead: read the difference before it is committed.
 */
class GoldenTest {

  static List<Overlay> overlays() {
    return Overlay.all();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void anOverlayOpensWhatItsGoldenFileSaysAndNothingElse(Overlay overlay) throws IOException {
    if (System.getProperty("golden.write") != null) {
      Files.createDirectories(Overlay.goldenFolder());
      Files.writeString(overlay.goldenFile(), overlay.report());
    }
    assertThat(overlay.report()).isEqualTo(overlay.golden());
  }

  @Test
  void everyGoldenFileHasAnOverlay() throws IOException {
    try (var files = Files.list(Overlay.goldenFolder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              overlays().stream().map(overlay -> overlay.name() + ".txt").toList());
    }
  }
}
