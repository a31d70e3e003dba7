-- serves from: 3
ALTER TABLE migrator_test.seat DROP COLUMN name;
