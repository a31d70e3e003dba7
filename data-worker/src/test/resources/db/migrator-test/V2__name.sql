ALTER TABLE migrator_test.seat ADD COLUMN name text;
UPDATE migrator_test.seat SET name = $x$it's$x$;
