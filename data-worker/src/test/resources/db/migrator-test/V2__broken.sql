INSERT INTO migrator_test.seat VALUES (2);
INSERT INTO migrator_test.nowhere VALUES (1);
