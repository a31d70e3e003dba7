package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.k8s.StrictYaml;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Would anybody notice? Each single edit that could matter is made, and each must be refused as an
 * object, refused as a shape, or change the golden file.
 */
class MutationTest {

  private static final Logger LOG = System.getLogger(MutationTest.class.getName());

  /** Enough that a list of edits that came out empty or thin is no success. */
  private static final int MUTANTS_MIN = 300;

  /** Who noticed. */
  private enum Noticed {
    BY_A_READER,
    BY_THE_GOLDEN_FILE,
    BY_A_LINT,
    BY_NOBODY
  }

  static List<Overlay> overlays() {
    return Overlay.all();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyEditOfThePoliciesIsNoticed(Overlay overlay) {
    var golden = overlay.golden();
    var mutants = Mutations.of(overlay.documents());
    var noticed =
        mutants.parallelStream()
            .collect(
                Collectors.groupingByConcurrent(
                    mutant -> noticed(overlay, mutant.documents(), golden)));
    LOG.log(Level.INFO, "{0}: {1} mutants, {2}", overlay, mutants.size(), counts(noticed));
    assertThat(noticed.getOrDefault(Noticed.BY_NOBODY, List.of()))
        .extracting(Mutant::what)
        .as("survivors")
        .isEmpty();
    assertThat(mutants).hasSizeGreaterThan(MUTANTS_MIN);
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theUnbrokenOverlayIsNotMistakenForABrokenOne(Overlay overlay) {
    assertThat(noticed(overlay, overlay.documents(), overlay.golden()))
        .isEqualTo(Noticed.BY_NOBODY);
  }

  private static Noticed noticed(Overlay whole, List<JsonNode> documents, String golden) {
    try {
      var broken = Overlay.of(whole.name(), documents, bind(whole, documents));
      if (!broken.report().equals(golden)) {
        return Noticed.BY_THE_GOLDEN_FILE;
      }
      return BoundaryLint.complaints(broken.objects()).isEmpty()
          ? Noticed.BY_NOBODY
          : Noticed.BY_A_LINT;
    } catch (IllegalArgumentException refused) {
      return Noticed.BY_A_READER;
    }
  }

  /** Types what was changed; the rest is typed already. */
  private static List<HasMetadata> bind(Overlay whole, List<JsonNode> documents) {
    var known = new IdentityHashMap<JsonNode, HasMetadata>();
    for (int i = 0; i < whole.documents().size(); i++) {
      known.put(whole.documents().get(i), whole.objects().get(i));
    }
    return documents.stream()
        .map(document -> known.computeIfAbsent(document, StrictYaml::bind))
        .toList();
  }

  private static Map<Noticed, Integer> counts(Map<Noticed, List<Mutant>> noticed) {
    var counts = new EnumMap<Noticed, Integer>(Noticed.class);
    Arrays.stream(Noticed.values())
        .forEach(by -> counts.put(by, noticed.getOrDefault(by, List.of()).size()));
    return counts;
  }
}
