package dev.sallyport.data;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Who may use whom, as the front page of the design draws it. */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "dev.sallyport.data";

  private static final Set<String> GROUND = Set.of("lease", "binding", "platform");
  private static final Set<String> PRIMITIVES =
      Set.of("workflow", "queue", "actor", "room", "cron", "cache", "kv", "rpc");

  /** A package may use what is listed, itself and the shared model; nothing else of ours. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("app", union(Set.of("service"), union(PRIMITIVES, GROUND))),
          Map.entry("service", union(PRIMITIVES, GROUND)),
          Map.entry("workflow", GROUND),
          Map.entry("queue", GROUND),
          Map.entry("actor", GROUND),
          Map.entry("room", union(Set.of("actor"), GROUND)),
          Map.entry("cron", union(Set.of("workflow", "queue"), GROUND)),
          Map.entry("cache", GROUND),
          Map.entry("kv", GROUND),
          Map.entry("rpc", Set.of("binding", "platform")),
          Map.entry("lease", Set.of("binding", "platform")),
          Map.entry("binding", Set.of("platform")),
          Map.entry("platform", Set.of()));

  private static Set<String> union(Set<String> some, Set<String> others) {
    var all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }

  @ArchTest
  static final ArchRule packagesFollowTheArrows =
      CompositeArchRule.of(
          MAY_USE.entrySet().stream()
              .map(from -> follows(from.getKey(), from.getValue()))
              .toList());

  private static ArchRule follows(String from, Set<String> mayUse) {
    var allowed =
        Stream.concat(mayUse.stream(), Stream.of(from))
            .map(name -> ROOT + "." + name + "..")
            .toArray(String[]::new);
    return noClasses()
        .that(resideInAPackage(ROOT + "." + from + ".."))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.sallyport..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed)))
                .and(DescribedPredicate.not(resideInAPackage("dev.sallyport.model.."))))
        .as(from + " uses only " + new TreeSet<>(mayUse))
        .allowEmptyShould(true);
  }

  @ArchTest
  static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  /** Products do not know each other. */
  @ArchTest
  static final ArchRule servicesStandAlone =
      slices().matching(ROOT + ".service.(*)..").should().notDependOnEachOther();

  @ArchTest
  static void everyPackageHasItsPlaceInThePicture(JavaClasses classes) {
    var packages = new TreeSet<String>();
    classes.forEach(one -> packages.add(one.getPackageName()));
    packages.remove(ROOT); // its front page alone
    assertThat(packages)
        .allSatisfy(name ->
            assertThat(MAY_USE).containsKey(name.substring(ROOT.length() + 1).split("\\.", 2)[0]));
  }

  /**
   * Statements, scripts, topic and object names stay in the one class of their feature called so.
   */
  @ArchTest
  static final ArchRule onlySqlScriptTopicAndBlobsClassesNameAStoresClient =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".platform..")
          .and(DescribedPredicate.not(isAStoresOwnClass()))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "javax.sql..",
              "io.vertx.sqlclient..",
              "io.vertx.pgclient..",
              "io.vertx.mutiny.sqlclient..",
              "io.vertx.mutiny.pgclient..",
              "io.quarkus.redis..",
              "io.vertx.redis..",
              "io.vertx.mutiny.redis..",
              "org.apache.kafka..",
              "org.eclipse.microprofile.reactive.messaging..",
              "software.amazon..");

  private static DescribedPredicate<JavaClass> isAStoresOwnClass() {
    return DescribedPredicate.describe(
        "are named *Sql, *Script, *Topic or *Blobs",
        one -> {
          var name = outermost(one).getSimpleName();
          return Stream.of("Sql", "Script", "Topic", "Blobs").anyMatch(name::endsWith);
        });
  }

  /** A class within counts as the one it is written in. */
  private static JavaClass outermost(JavaClass one) {
    return one.getEnclosingClass().map(ArchitectureTest::outermost).orElse(one);
  }
}
