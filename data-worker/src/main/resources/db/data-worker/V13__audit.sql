-- The audit trail: who called what, and what became of it. Written by the queue `audit`.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('audit') IS NULL THEN CREATE SCHEMA audit; END IF;
END $$;
COMMENT ON SCHEMA audit IS 'Who called what, and what became of it: append-only';

CREATE TABLE audit.call (
  -- The request's, in the order of time: the same one twice is one call that arrived twice.
  id uuid PRIMARY KEY,
  -- When it ended, by the user-worker's clock.
  at timestamptz NOT NULL,
  -- Null for an anonymous call.
  user_id text,
  -- The API key that the caller came with.
  key_id text,
  binding text NOT NULL,
  method text NOT NULL,
  -- Without its query.
  path text NOT NULL,
  outcome text NOT NULL,
  -- What the caller was answered; 0 where it was gone.
  status integer NOT NULL,
  took_micros bigint NOT NULL
);
CREATE INDEX call_at ON audit.call USING brin (at);
COMMENT ON TABLE audit.call IS 'Calls to private services that have ended; never changed';

-- Whoever may write to the table may not take back what was written. Only retention deletes, in a
-- transaction that says so.
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'DELETE' AND current_setting('audit.retention', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'audit.call is append-only: % is refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER call_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.call
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE VIEW audit.trail AS
  SELECT at, coalesce(user_id, 'anonymous') AS who, key_id, method, path, binding, outcome, status,
    round(took_micros / 1000.0, 1) AS took_ms, id AS request_id
  FROM audit.call;
COMMENT ON VIEW audit.trail IS 'The audit trail for people';
