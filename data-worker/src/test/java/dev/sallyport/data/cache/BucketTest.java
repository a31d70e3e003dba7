package dev.sallyport.data.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BucketTest {
  private static Optional<Bucket> of(Map<String, String> settings) {
    var config =
        new SmallRyeConfigBuilder()
            .withMapping(BlobSettings.class)
            .withDefaultValues(settings)
            .build();
    return Bucket.of(config.getConfigMapping(BlobSettings.class));
  }

  private static void isRefused(String sentence, Map<String, String> settings) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> of(settings))
        .withMessageContaining(sentence);
  }

  @Test
  void withoutABucketThereIsNone() {
    assertThat(of(Map.of())).isEmpty();
  }

  @Test
  void amazonsOwnNeedsItsNameAlone() {
    var bucket = of(Map.of("sallyport.blob.bucket", "ours")).orElseThrow();
    assertThat(bucket.prefix()).isEqualTo("sallyport/");
    assertThat(bucket.region()).isEmpty();
    assertThat(bucket.pathStyle()).isFalse();
    assertThat(bucket.keys()).isEmpty();
  }

  @Test
  void anotherStoreHasTheBucketInThePath() {
    var bucket =
        of(Map.of(
                "sallyport.blob.bucket", "ours",
                "sallyport.blob.endpoint", "https://store.example:9000",
                "sallyport.blob.access-key", "us",
                "sallyport.blob.secret-key", "psst"))
            .orElseThrow();
    assertThat(bucket.endpoint()).contains(URI.create("https://store.example:9000"));
    assertThat(bucket.pathStyle()).isTrue();
    assertThat(bucket.region()).contains("us-east-1");
    assertThat(bucket.keys()).contains(new Bucket.Keys("us", "psst"));
    assertThat(bucket.toString() + bucket.keys()).doesNotContain("psst");
  }

  @Test
  void whatCannotBeMeantEndsTheStart() {
    isRefused("go together", Map.of("sallyport.blob.access-key", "us"));
    isRefused("go together", Map.of("sallyport.blob.secret-key", "psst"));
    isRefused("SALLYPORT_BLOB_ENDPOINT", Map.of("sallyport.blob.endpoint", "store.example:9000"));
    isRefused(
        "SALLYPORT_BLOB_ENDPOINT", Map.of("sallyport.blob.endpoint", "https://us:psst@store"));
    isRefused("SALLYPORT_BLOB_PREFIX", Map.of("sallyport.blob.prefix", "ours"));
  }
}
