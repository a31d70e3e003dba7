-- Actors: who owns each, what it keeps, when it wants to be woken, and what was sent to it.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('actor') IS NULL THEN CREATE SCHEMA actor; END IF;
END $$;
COMMENT ON SCHEMA actor IS 'Single-writer objects, their alarms and their messages';

CREATE TABLE actor.actor (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  key text NOT NULL,
  -- The claim: which worker's incarnation is the one that may write. Whatever takes it from its
  -- holder raises the fence, and every write of a holder compares it.
  owner bigint,
  fence bigint NOT NULL DEFAULT 1,
  -- JSON as text; null before anything was kept.
  state text,
  UNIQUE (type, key)
) WITH (fillfactor = 70);
CREATE INDEX actor_owner ON actor.actor (owner) WHERE owner IS NOT NULL;
COMMENT ON TABLE actor.actor IS 'One row for each actor that was ever called';

CREATE TABLE actor.alarm (
  actor bigint NOT NULL,
  name text NOT NULL,
  due_at timestamptz NOT NULL,
  -- How often it was tried in vain.
  attempt integer NOT NULL DEFAULT 0,
  PRIMARY KEY (actor, name)
);
CREATE INDEX alarm_due ON actor.alarm (due_at);

CREATE TABLE actor.reply (
  actor bigint NOT NULL,
  -- Whose key it is; empty for code of this system.
  principal text NOT NULL,
  key text NOT NULL,
  -- SHA-256 of the method and the body that came with it.
  hash bytea NOT NULL,
  reply text NOT NULL,
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (actor, principal, key)
);
CREATE INDEX reply_old ON actor.reply (keep_until);
COMMENT ON TABLE actor.reply IS 'What calls with an Idempotency-Key were answered';

-- What user-workers need to know, and all that they can read here.
CREATE VIEW lease.live_worker AS
  SELECT address FROM lease.worker
  WHERE ended_at IS NULL AND expires_at > clock_timestamp() AND address IS NOT NULL;
COMMENT ON VIEW lease.live_worker IS 'Where data-workers that may own something are reached';
GRANT USAGE ON SCHEMA lease TO PUBLIC;
GRANT SELECT ON lease.live_worker TO PUBLIC;
