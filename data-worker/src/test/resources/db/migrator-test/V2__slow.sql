INSERT INTO migrator_test.seat VALUES (2);
SELECT pg_sleep(60);
