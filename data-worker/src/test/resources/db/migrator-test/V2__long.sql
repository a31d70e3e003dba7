SELECT pg_sleep(0.6);
ALTER TABLE migrator_test.seat ADD COLUMN name text;
