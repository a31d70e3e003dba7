-- Shared values: written here, read by user-workers from Redis.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('kv') IS NULL THEN CREATE SCHEMA kv; END IF;
END $$;
COMMENT ON SCHEMA kv IS 'Small values that user-workers read from Redis: their truth';

-- One for all keys, so that the versions of a key rise even after its row was removed.
CREATE SEQUENCE kv.version;

CREATE TABLE kv.entry (
  space text NOT NULL,
  key text NOT NULL,
  version bigint NOT NULL,
  -- Null: deleted, which readers must learn, too.
  value text,
  -- Whether this version has reached Redis.
  pushed boolean NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (space, key)
) WITH (fillfactor = 80);
CREATE INDEX entry_to_push ON kv.entry (version) WHERE NOT pushed;
CREATE INDEX entry_deleted ON kv.entry (changed_at) WHERE value IS NULL;
