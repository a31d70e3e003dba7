package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/security.md} says is held is held by a test that is there. */
class SecurityDocTest {
  private static final Path HOME = Path.of(System.getProperty("sallyport.home", "."));
  private static final Pattern NAMED = Pattern.compile("`([a-z-]+)/([A-Za-z0-9]+)#([A-Za-z0-9]+)`");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([0-9]+\\.[0-9]+\\.[0-9]+) \\|(.*)$");

  private static String document() throws IOException {
    return Files.readString(HOME.resolve("docs").resolve("security.md"));
  }

  @Test
  void eachTestThatIsNamedIsThere() throws IOException {
    var named = NAMED.matcher(document()).results().toList();
    assertThat(named).hasSizeGreaterThan(40);
    for (var test : named) {
      assertThat(declares(test.group(1), test.group(2), test.group(3))).as(test.group()).isTrue();
    }
  }

  @Test
  void eachRowNamesATest() throws IOException {
    var rows = ROW.matcher(document()).results().toList();
    assertThat(rows.stream().map(row -> row.group(1).split("\\.", 2)[0]).distinct())
        .containsExactly("4", "9", "10");
    assertThat(rows)
        .allSatisfy(row -> assertThat(NAMED.matcher(row.group(2)).find()).as(row.group()).isTrue());
  }

  private static boolean declares(String module, String type, String method) throws IOException {
    for (var source : sources(module, type)) {
      var text = Files.readString(source);
      int at = text.indexOf(" void " + method + "(");
      if (at > 0
          && text.substring(0, at).matches("(?s).*@(Test|ParameterizedTest)\\b((?! void ).)*")) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> sources(String module, String type) throws IOException {
    try (var files = Files.walk(HOME.resolve(module).resolve("src/test/java"))) {
      return files.filter(file -> file.endsWith(type + ".java")).toList();
    }
  }
}
