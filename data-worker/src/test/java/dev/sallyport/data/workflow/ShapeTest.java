package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.type.TypeFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
  private static final TypeFactory TYPES = TypeFactory.defaultInstance();

  private static void assertUnreadable(Object value, String why) {
    assertThatThrownBy(() -> Shape.of(value))
        .isInstanceOf(Shape.Unreadable.class)
        .hasMessageContaining(why);
  }

  @Test
  void aCollectionHasTheShapeOfItsElements() {
    assertThat(Shape.of(List.of("a", "b"))).isEqualTo("List(java.lang.String)");
    assertThat(Shape.of(Set.of(1L))).isEqualTo("Set(java.lang.Long)");
    assertThat(Shape.of(Map.of("k", Optional.of(1)))).isEqualTo("Map(Optional(java.lang.Integer))");
    assertThat(Shape.of(new ArrayList<>(Arrays.asList(null, "a", null))))
        .isEqualTo("List(java.lang.String)");
  }

  @Test
  void anEmptyOneSaysNothingAndTheFullerOfTwoCounts() {
    assertThat(Shape.of(List.of())).isEqualTo("List()");
    assertThat(Shape.of(List.of(List.of(), List.of(1), List.of())))
        .isEqualTo("List(List(java.lang.Integer))");
    assertThat(Shape.of(List.of(Map.of(), Map.of("k", List.of(1)), Map.of("k", List.of()))))
        .isEqualTo("List(Map(List(java.lang.Integer)))");
  }

  @Test
  void whatJsonCannotTellApartIsRefused() {
    assertUnreadable(List.of(1, 2L), "different classes");
    assertUnreadable(List.of(List.of(1), Set.of(1)), "different classes");
    assertUnreadable(Map.of(1, "a"), "keys of a map");
    assertUnreadable(new ArrayBlockingQueue<>(1), "type parameters");
    assertUnreadable(new Object() {}, "no name");
  }

  @ParameterizedTest
  @CsvSource({
    "List(java.lang.Integer),java.util.List<java.lang.Integer>",
    "Map(List(java.lang.Long)),java.util.Map<java.lang.String" + "|java.util.List<java.lang.Long>>",
    "Set(java.lang.String),java.util.Set<java.lang.String>",
    "Optional(java.lang.String),java.util.Optional<java.lang.String>",
    "List(),java.util.List<java.lang.Object>"
  })
  void aShapeIsReadAsItsType(String shape, String type) {
    assertThat(Shape.type(shape, TYPES).toCanonical()).isEqualTo(type.replace('|', ','));
  }

  @Test
  void aClassThatIsGoneAndAShapeOfALaterReleaseAreTold() {
    assertThatThrownBy(() -> Shape.type("List(no.such.Pear)", TYPES))
        .isInstanceOf(Shape.Unreadable.class)
        .hasMessageContaining("no class no.such.Pear");
    assertThatThrownBy(() -> Shape.type("Tree(java.lang.String)", TYPES))
        .isInstanceOf(Shape.Unreadable.class)
        .hasMessageContaining("unknown shape");
  }
}
