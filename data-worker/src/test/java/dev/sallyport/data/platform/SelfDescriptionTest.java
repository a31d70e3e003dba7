package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the worker takes for a setting, and what is one, agree. */
class SelfDescriptionTest {
  private static Set<String> settings() {
    return new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sallyport.data")
            .stream()
            .filter(one -> one.isAnnotatedWith(ConfigMapping.class))
            .map(JavaClass::reflect)
            .flatMap(one ->
                ConfigMappings.getProperties(ConfigMappings.ConfigClass.configClass(one))
                    .keySet()
                    .stream())
            // A list has its own name and that of its entries.
            .filter(name -> !name.endsWith("[*]"))
            .collect(Collectors.toSet());
  }

  private static String variable(String setting) {
    return setting.replace("*", "SOME_NAME").replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }

  @Test
  void everySettingIsKnown() {
    var variables = settings().stream().map(SelfDescriptionTest::variable).toList();
    assertThat(variables).contains("SALLYPORT_TRUST", "SALLYPORT_SIGNING_KEYS");
    assertThat(SelfDescription.SETTINGS.unknown(variables)).isEmpty();
  }

  @Test
  void whatIsNoLongerASettingIsNotKnown() {
    assertThat(SelfDescription.SETTINGS.size()).isEqualTo(settings().size());
    assertThat(SelfDescription.SETTINGS.unknown(List.of("SALLYPORT_TRUSTED"))).hasSize(1);
  }
}
