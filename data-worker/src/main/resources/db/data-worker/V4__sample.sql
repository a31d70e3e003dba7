-- What the samples count.
CREATE SCHEMA IF NOT EXISTS sample;

CREATE TABLE sample.counter (
  key text PRIMARY KEY,
  value bigint NOT NULL
);
