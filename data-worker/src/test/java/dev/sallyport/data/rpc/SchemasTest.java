package dev.sallyport.data.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemasTest {
  private final Schemas schemas = new Schemas();

  /** Another record of this name. */
  private record Shape(int sides) {}

  @Test
  void aRecordIsNamedOnceAndMayHaveFieldsOfItsOwnKind() {
    assertThat(schemas.of(TrialRpc.Shape.class))
        .isEqualTo(Map.of("$ref", "#/components/schemas/Shape"));
    assertThat(schemas.named())
        .containsOnlyKeys("Shape")
        .extractingByKey("Shape")
        .isEqualTo(
            Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                    "name", Map.of("type", "string"),
                    "colour", Map.of("type", "string", "enum", List.of("RED", "BLUE")),
                    "parts",
                        Map.of(
                            "type", "array", "items", Map.of("$ref", "#/components/schemas/Shape")),
                    "sizes",
                        Map.of("type", "object", "additionalProperties", Map.of("type", "integer")),
                    "lasts", Map.of("type", "string", "format", "duration"),
                    "since", Map.of("type", "string", "format", "date-time"),
                    "note", Map.of("type", "string")),
                "required",
                List.of("name", "colour", "parts", "sizes", "lasts", "since"),
                "additionalProperties",
                false));
  }

  @Test
  void twoRecordsOfOneNameHaveTwoNames() {
    schemas.of(TrialRpc.Shape.class);
    assertThat(schemas.of(Shape.class)).isEqualTo(Map.of("$ref", "#/components/schemas/Shape1"));
    assertThat(schemas.named()).containsOnlyKeys("Shape", "Shape1");
  }

  @Test
  void plainTypesSayWhatTheyAre() throws ReflectiveOperationException {
    assertThat(schemas.of(void.class)).isEqualTo(Map.of("type", "null"));
    assertThat(schemas.of(boolean.class)).isEqualTo(Map.of("type", "boolean"));
    assertThat(schemas.of(double.class)).isEqualTo(Map.of("type", "number"));
    assertThat(schemas.of(byte[].class))
        .isEqualTo(Map.of("type", "string", "contentEncoding", "base64"));
    assertThat(schemas.of(long[].class))
        .isEqualTo(Map.of("type", "array", "items", Map.of("type", "integer")));
    assertThat(schemas.of(Duration.class)).containsEntry("format", "duration");
    assertThat(schemas.of(Object.class)).isEmpty();
    assertThat(schemas.of(TrialRpc.class.getMethod("maybe", String.class).getGenericReturnType()))
        .isEqualTo(Map.of("anyOf", List.of(Map.of("type", "string"), Map.of("type", "null"))));
  }
}
