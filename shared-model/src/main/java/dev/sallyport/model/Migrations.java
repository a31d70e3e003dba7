package dev.sallyport.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The versions of one worker's tables, oldest first, and the SQL that brings a database from one to
 * the next. Each worker owns one: its schemas, its role, its version row. Pure: a worker's {@code
 * platform} sends the statements, in this order:
 *
 * <ol>
 *   <li>{@link #readVersion()}; SQLSTATE {@link #MISSING_SCHEMA} or {@link #MISSING_TABLE} means a
 *       new database, {@link Stored#NONE};
 *   <li>{@link #compare} with what is built in; most starts end here, after one round trip;
 *   <li>when behind, {@link #prepare()} if there was no version row, then the {@link #script} of
 *       each missing version.
 * </ol>
 *
 * <p>{@code prepare} and every script is one statement, hence one transaction: it takes an advisory
 * lock, looks at the version row, and does nothing if another worker was faster. A worker killed at
 * any point leaves the database at a whole version, and whoever starts next goes on from there.
 *
 * <p>A migration only ever adds what the release before can live with, so that old and new workers
 * run side by side and a release can be taken back. The first line {@code -- serves from: N} says
 * that this migration ends that for workers older than version N.
 *
 * <p>Immutable.
 */
public final class Migrations {
  /** SQLSTATE {@code invalid_schema_name}. */
  public static final String MISSING_SCHEMA = "3F000";

  /** SQLSTATE {@code undefined_table}. */
  public static final String MISSING_TABLE = "42P01";

  private static final Pattern SCHEMA = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern FILE = Pattern.compile("V([1-9]\\d{0,5})__[a-z0-9_]+\\.sql");
  private static final Pattern SERVES_FROM =
      Pattern.compile("-- serves from: (\\d{1,6})\\R.*", Pattern.DOTALL);
  private static final String QUOTE = "$migration$";

  /** What the version row says: the database's version, and the oldest that can live with it. */
  public record Stored(int version, int servesFrom) {
    /** A database that has no version row yet. */
    public static final Stored NONE = new Stored(0, 0);
  }

  /** How a database and this program's newest version compare. */
  public sealed interface Comparison {
    /** Nothing to do. */
    record Current() implements Comparison {}

    /** These versions are missing, oldest first. */
    record Behind(List<Migration> missing) implements Comparison {}

    /** A later release has been here; what it added does not disturb this one. */
    record Ahead() implements Comparison {}

    /** A later release has been here, and this one cannot live with what it changed. */
    record TooNew() implements Comparison {}
  }

  /**
   * One version.
   *
   * @param version counts from 1 without gaps
   * @param servesFrom the oldest built-in version that can live with this one; 0 where nothing old
   *     is disturbed
   */
  public record Migration(int version, int servesFrom, String file, String sql) {
    public Migration {
      if (sql.contains(QUOTE)) {
        throw new IllegalArgumentException(file + " must not contain " + QUOTE);
      }
    }
  }

  private final String schema;
  private final List<Migration> migrations;

  private Migrations(String schema, List<Migration> migrations) {
    this.schema = schema;
    this.migrations = List.copyOf(migrations);
  }

  /**
   * Reads the files from the class path. They are listed by name because a native binary cannot
   * look into its folders.
   *
   * @param schema where the version row lives; the worker's role makes it
   * @param beside a class in the module whose resources hold the files
   * @param folder absolute resource path, without a slash at the end
   * @param files {@code V1__what_it_does.sql} and so on, in order
   * @throws IllegalArgumentException with a sentence, when a file is missing or out of order
   */
  public static Migrations load(String schema, Class<?> beside, String folder, String... files) {
    if (!SCHEMA.matcher(schema).matches()) {
      throw new IllegalArgumentException("not a plain schema name: " + schema);
    }
    var migrations = new ArrayList<Migration>();
    for (var file : files) {
      var name = FILE.matcher(file);
      int expected = migrations.size() + 1;
      if (!name.matches() || Integer.parseInt(name.group(1)) != expected) {
        throw new IllegalArgumentException(
            "expected a migration V" + expected + "__what_it_does.sql, found " + file);
      }
      var sql = read(beside, folder + "/" + file);
      var servesFrom = SERVES_FROM.matcher(sql);
      migrations.add(
          new Migration(
              expected,
              servesFrom.matches() ? Integer.parseInt(servesFrom.group(1)) : 0,
              file,
              sql));
    }
    return new Migrations(schema, migrations);
  }

  private static String read(Class<?> beside, String path) {
    try (var in = beside.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no migration " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The newest version built in; 0 when there is none. */
  public int newest() {
    return migrations.size();
  }

  /** Whether an SQLSTATE in answer to {@link #readVersion()} says that there is no version yet. */
  public static boolean isMissing(String sqlState) {
    return MISSING_TABLE.equals(sqlState) || MISSING_SCHEMA.equals(sqlState);
  }

  /** Where the version row lives. */
  public String schema() {
    return schema;
  }

  /** One row, {@code version} and {@code serves_from}, both int4. Takes no lock. */
  public String readVersion() {
    return "SELECT version, serves_from FROM " + schema + ".schema_version";
  }

  /** The sentence for {@link Comparison.TooNew}. */
  public String tooNew() {
    return "schema "
        + schema
        + " was changed by a later release and no longer serves version "
        + newest()
        + " of this worker: deploy the later release again, or restore the database from before it";
  }

  /** What is to be done about a database that says this. */
  public Comparison compare(Stored stored) {
    if (stored.version() < newest()) {
      return new Comparison.Behind(migrations.subList(stored.version(), newest()));
    }
    if (stored.version() == newest()) {
      return new Comparison.Current();
    }
    return stored.servesFrom() <= newest() ? new Comparison.Ahead() : new Comparison.TooNew();
  }

  /** Makes the schema and its version row, at version 0, unless they are there. */
  public String prepare() {
    return """
    DO $prepare$ BEGIN
      PERFORM %4$s;
      PERFORM %2$s;
      -- A schema that is there already may have been made for a role that cannot make one.
      IF to_regnamespace('%1$s') IS NULL THEN CREATE SCHEMA %1$s; END IF;
      CREATE TABLE IF NOT EXISTS %1$s.schema_version (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        version integer NOT NULL,
        serves_from integer NOT NULL,
        migrated_at timestamptz NOT NULL DEFAULT now());
      INSERT INTO %1$s.schema_version (version, serves_from) VALUES (0, 0)
        ON CONFLICT DO NOTHING;
    END $prepare$\
    """
        .replace("%1$s", schema)
        .replace("%4$s", asLongAsItTakes())
        .replace("%2$s", lock());
  }

  /** Brings a database that is exactly one version behind to this one; else does nothing. */
  public String script(Migration to) {
    // EXECUTE parses the statements one by one, so that a later one may use what an earlier made.
    return """
    DO $script$ BEGIN
      PERFORM %7$s;
      PERFORM %2$s;
      IF (SELECT version FROM %1$s.schema_version) = %3$s THEN
        EXECUTE $migration$
    %5$s
    $migration$;
        UPDATE %1$s.schema_version SET version = %4$s,
          serves_from = greatest(serves_from, %6$s), migrated_at = now();
      END IF;
    END $script$\
    """
        .replace("%1$s", schema)
        .replace("%2$s", lock())
        .replace("%3$s", Integer.toString(to.version() - 1))
        .replace("%4$s", Integer.toString(to.version()))
        .replace("%7$s", asLongAsItTakes())
        .replace("%6$s", Integer.toString(to.servesFrom()))
        .replace("%5$s", to.sql());
  }

  /** Postgres has no {@code transaction_timeout} before 17. */
  private static String asLongAsItTakes() {
    return "set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'";
  }

  /**
   * Held until the statement's transaction ends; one worker's schemas do not wait for another's.
   */
  private String lock() {
    return "pg_advisory_xact_lock(hashtextextended('sallyport migrates " + schema + "', 0))";
  }
}
