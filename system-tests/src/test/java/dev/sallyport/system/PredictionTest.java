package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the verifier expects of a program is what the program says. */
class PredictionTest {
  private static final ProgramOp COUNT = new ProgramOp.Transaction("count", "p0", 0);

  @Test
  void aFailureUndoesInReverseWhatWasDoneAndKeepsWhatWasCounted() {
    var ops =
        List.of(
            COUNT,
            new ProgramOp.Step("a", "p1", 0, 2, true),
            new ProgramOp.Step("b", "p2", 0, 0, true),
            new ProgramOp.Step("c", "p3", 0, -1, true));
    var prediction = Prediction.of("run", 1, ops);
    assertThat(prediction.error()).contains("step-failed");
    assertThat(prediction.undone()).isEqualTo(Map.of("run#1", List.of("p2", "p1")));
    assertThat(prediction.counted()).isEqualTo(Set.of(new Prediction.Counter("run#1", "p0")));
  }

  @Test
  void whatIsCaughtEndsThePartAloneAndWhatAChildDidStays() {
    var child = new ProgramOp.Child("child", "p1", List.of(COUNT, new ProgramOp.Throw("t", "p2")));
    var never = new ProgramOp.Transaction("never", "p4", 0);
    var ops = List.of(new ProgramOp.Attempt("try", "p3", List.of(child, never)), COUNT);
    var prediction = Prediction.of("run", 2, ops);
    assertThat(prediction.values()).contains(List.of("caught child-failed", "p0=1"));
    assertThat(prediction.counted())
        .isEqualTo(
            Set.of(
                new Prediction.Counter("run#2/p1#1", "p0"), new Prediction.Counter("run#2", "p0")));
  }

  @Test
  void equalSeedsGiveEqualProgramsAndTheirPlacesAreUnique() {
    for (int seed = 0; seed < 200; seed++) {
      var program = RandomProgram.from(new Random(seed));
      assertThat(program).isEqualTo(RandomProgram.from(new Random(seed)));
      var places = new ArrayList<String>();
      RandomProgram.walk(program, op -> places.add(op.place()));
      assertThat(places).doesNotHaveDuplicates();
    }
  }

  @Test
  void anInstructionInJsonNamesWhatItDoes() {
    assertThat(Json.parse(Json.write(new ProgramOp.Sleep("n", "p0", 5))))
        .isEqualTo(Json.parse("{\"op\":\"sleep\",\"name\":\"n\",\"place\":\"p0\",\"ms\":5}"));
  }
}
