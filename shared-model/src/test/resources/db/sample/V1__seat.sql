CREATE TABLE sample.seat (id int PRIMARY KEY);
INSERT INTO sample.seat VALUES (1);
