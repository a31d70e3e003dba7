-- What the samples count.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('sample') IS NULL THEN CREATE SCHEMA sample; END IF;
END $$;

CREATE TABLE sample.counter (
  key text PRIMARY KEY,
  value bigint NOT NULL
);
