package dev.sallyport.user;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
import jakarta.persistence.Entity;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Who may use whom, as the front page of the design draws it. */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "dev.sallyport.user";

  private static final Set<String> BELOW_SERVICES =
      Set.of(
          "demo",
          "edge",
          "realtime",
          "queue",
          "auth",
          "limit",
          "route",
          "binding",
          "kv",
          "platform");
  private static final Set<String> BELOW_DOORS =
      Set.of("auth", "limit", "route", "binding", "kv", "platform");
  private static final Set<String> GROUND = Set.of("platform");

  /** A package may use what is listed, itself and the shared model; nothing else of ours. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("app", and("service", BELOW_SERVICES)),
          Map.entry("service", BELOW_SERVICES),
          // The edge writes the audit trail through queue.
          Map.entry("edge", and("queue", BELOW_DOORS)),
          Map.entry("realtime", BELOW_DOORS),
          Map.entry("queue", BELOW_DOORS),
          Map.entry("auth", GROUND),
          Map.entry("demo", GROUND),
          Map.entry("limit", GROUND),
          Map.entry("route", GROUND),
          Map.entry("binding", GROUND),
          // Asks the data-worker for what Redis does not have.
          Map.entry("kv", and("binding", GROUND)),
          Map.entry("platform", Set.of()));

  private static Set<String> and(String one, Set<String> others) {
    var all = new TreeSet<>(others);
    all.add(one);
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
                .and(DescribedPredicate.not(residesInAny(allowed)))
                .and(DescribedPredicate.not(resideInAPackage("dev.sallyport.model.."))))
        .as(from + " uses only " + new TreeSet<>(mayUse))
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> residesInAny(String... packages) {
    return JavaClass.Predicates.resideInAnyPackage(packages);
  }

  @ArchTest
  static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static void everyPackageHasItsPlaceInThePicture(JavaClasses classes) {
    var packages = new TreeSet<String>();
    classes.forEach(one -> packages.add(one.getPackageName()));
    assertThat(packages)
        .allSatisfy(name -> {
          assertThat(name).startsWith(ROOT + ".");
          assertThat(MAY_USE).containsKey(name.substring(ROOT.length() + 1).split("\\.", 2)[0]);
        });
  }

  /**
   * Statements, scripts and topic names stay in the one class of their feature that is called so;
   * all else of a feature speaks of what it wants, not of rows, and can be tested without a store.
   */
  @ArchTest
  static final ArchRule onlySqlScriptAndTopicClassesNameAStoresClient =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".platform..")
          .and(DescribedPredicate.not(endingWith("Sql", "Script", "Topic")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "javax.sql..",
              "io.agroal..",
              "io.vertx.sqlclient..",
              "io.vertx.pgclient..",
              "io.vertx.mutiny.sqlclient..",
              "io.vertx.mutiny.pgclient..",
              "io.quarkus.redis..",
              "io.vertx.redis..",
              "io.vertx.mutiny.redis..",
              "org.apache.kafka..",
              "io.smallrye.reactive.messaging..",
              "org.eclipse.microprofile.reactive.messaging..");

  /** Hibernate has its own statements: they stay in the feature's store and its entities. */
  @ArchTest
  static final ArchRule onlyStoresAndEntitiesNameHibernate =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".platform..")
          .and()
          .areNotAnnotatedWith(Entity.class)
          .and(DescribedPredicate.not(endingWith("Store")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "jakarta.persistence..",
              "org.hibernate..",
              "io.quarkus.hibernate..",
              "io.quarkus.panache..");

  private static DescribedPredicate<JavaClass> endingWith(String... endings) {
    return DescribedPredicate.or(
            Arrays.stream(endings)
                .<DescribedPredicate<? super JavaClass>>map(ending -> simpleNameEndingWith(ending))
                .toList())
        .onResultOf(ArchitectureTest::outermost)
        .as("are named *" + String.join(", *", endings));
  }

  /** A class within counts as the one it is written in. */
  private static JavaClass outermost(JavaClass one) {
    return one.getEnclosingClass().map(ArchitectureTest::outermost).orElse(one);
  }

  @ArchTest
  static final ArchRule entitiesAreNobodyElses =
      classes().that().areAnnotatedWith(Entity.class).should().bePackagePrivate();
}
