package dev.sallyport.k8s;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Reads manifests and lets nothing pass that an API server would drop or guess: unknown fields,
 * doubled keys, a number where text belongs, text where a number belongs. Missing fields are {@link
 * RequiredFields}' business. Immutable.
 */
public final class StrictYaml {
  private static final KubernetesSerialization KINDS = new KubernetesSerialization();
  private static final ObjectMapper MAPPER = mapper();

  private StrictYaml() {}

  /** The documents of a file, in order, without the empty ones. */
  public static List<JsonNode> documents(String yaml) {
    try (var documents = MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
      return documents.readAll().stream().filter(one -> !one.isEmpty()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One value: text, a number, a list and so on. */
  static JsonNode value(String yaml) {
    try {
      return MAPPER.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The object that a document describes.
   *
   * @throws IllegalArgumentException if its kind is unknown or a field is not one of the kind
   */
  public static HasMetadata bind(JsonNode document) {
    String apiVersion = document.path("apiVersion").asText();
    String kind = document.path("kind").asText();
    var type = KINDS.getRegisteredKubernetesResource(apiVersion, kind);
    if (type == null) {
      throw new IllegalArgumentException("There is no kind " + kind + " in " + apiVersion + ".");
    }
    try {
      return (HasMetadata) MAPPER.treeToValue(document, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static ObjectMapper mapper() {
    var mapper =
        YAMLMapper.builder(new YAMLFactory())
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .annotationIntrospector(
                // Every bean of the model keeps unknown fields by such a setter, which would make
                // FAIL_ON_UNKNOWN_PROPERTIES fail on nothing.
                new JacksonAnnotationIntrospector() {
                  private static final long serialVersionUID = 1;

                  @Override
                  public Boolean hasAnySetter(Annotated setter) {
                    return Boolean.FALSE;
                  }
                })
            .build();
    for (var shape :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
    }
    return mapper;
  }
}
