package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.model.Migrations.Comparison.Ahead;
import dev.sallyport.model.Migrations.Comparison.Behind;
import dev.sallyport.model.Migrations.Comparison.Current;
import dev.sallyport.model.Migrations.Comparison.TooNew;
import dev.sallyport.model.Migrations.Migration;
import dev.sallyport.model.Migrations.Stored;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  private final Migrations two = load("V1__seat.sql", "V2__name.sql");

  @Test
  void aNewDatabaseLacksEveryVersionOldestFirst() {
    assertThat(two.compare(Stored.NONE))
        .isInstanceOfSatisfying(
            Behind.class,
            behind -> assertThat(behind.missing()).extracting("version").containsExactly(1, 2));
  }

  @Test
  void aDatabaseInBetweenLacksOnlyTheRest() {
    assertThat(two.compare(new Stored(1, 0)))
        .isInstanceOfSatisfying(
            Behind.class,
            behind -> assertThat(behind.missing()).extracting("version").containsExactly(2));
  }

  @Test
  void theSameVersionNeedsNothing() {
    assertThat(two.compare(new Stored(2, 1))).isEqualTo(new Current());
  }

  @Test
  void anOlderProgramLivesWithANewerDatabaseUntilAMigrationSaysOtherwise() {
    assertThat(two.compare(new Stored(3, 2))).isEqualTo(new Ahead());
    assertThat(two.compare(new Stored(4, 3))).isEqualTo(new TooNew());
  }

  @Test
  void aMigrationSaysWhomItStillServesInItsFirstLine() {
    var behind = (Behind) two.compare(Stored.NONE);
    assertThat(behind.missing()).extracting("servesFrom").containsExactly(0, 1);
  }

  @Test
  void aScriptRunsOnlyOnTheVersionBeforeIt() {
    var behind = (Behind) two.compare(new Stored(1, 0));
    assertThat(two.script(behind.missing().getFirst()))
        .contains("IF (SELECT version FROM sample.schema_version) = 1 THEN")
        .contains("ADD COLUMN name text;")
        .contains("SET version = 2");
  }

  @Test
  void filesOutOfOrderMissingOrMisnamedAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load("V2__name.sql"))
        .withMessage("expected a migration V1__what_it_does.sql, found V2__name.sql");
    assertThatIllegalArgumentException().isThrownBy(() -> load("seat.sql"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load("V1__nowhere.sql"))
        .withMessage("there is no migration /db/sample/V1__nowhere.sql");
  }

  @Test
  void sqlThatWouldEndItsOwnQuoteIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Migration(1, 0, "V1__x.sql", "SELECT $migration$"));
  }

  private static Migrations load(String... files) {
    return Migrations.load("sample", MigrationsTest.class, "/db/sample", files);
  }
}
