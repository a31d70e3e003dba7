DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('lease') IS NULL THEN CREATE SCHEMA lease; END IF;
END $$;
COMMENT ON SCHEMA lease IS 'Which data-workers are alive';

CREATE TABLE lease.worker (
  incarnation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  address text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz);
COMMENT ON TABLE lease.worker IS
  'One row for each life of a data-worker. Its claims hold while this row is neither ended nor expired';
COMMENT ON COLUMN lease.worker.address IS 'Where user-workers reach this very data-worker';
COMMENT ON COLUMN lease.worker.expires_at IS
  'Unless renewed before, by the clock of this database; a row that has expired is never renewed';
COMMENT ON COLUMN lease.worker.ended_at IS 'Handed over, or found to have expired: for good';
