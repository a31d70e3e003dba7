package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchemaTest {
  @Test
  void everyMigrationInTheFolderIsListed() throws IOException {
    try (var files = Files.list(Path.of("src/main/resources/db/data-worker"))) {
      assertThat(files.count()).isEqualTo(Schema.MIGRATIONS.newest());
    }
  }
}
