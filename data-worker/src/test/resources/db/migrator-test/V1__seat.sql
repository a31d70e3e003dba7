CREATE TABLE migrator_test.seat (id int PRIMARY KEY);
INSERT INTO migrator_test.seat VALUES (1);
