-- Runs of durable workflows, their journals, and what waits for them.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('workflow') IS NULL THEN CREATE SCHEMA workflow; END IF;
END $$;
COMMENT ON SCHEMA workflow IS 'Runs of durable workflows';

-- JSON is kept as text: it was checked at the door, is given back as it came, and is never looked
-- into here. A cast makes it jsonb for whoever wants to query it.
CREATE TABLE workflow.run (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  id text NOT NULL,
  version integer NOT NULL,
  generation integer NOT NULL DEFAULT 1,
  principal text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('queued', 'running', 'waiting', 'paused', 'complete', 'errored', 'terminated')),
  -- The claim: which worker's incarnation executes it. Whatever takes a run from its holder raises
  -- the fence, and every write of a holder compares it.
  owner bigint,
  fence bigint NOT NULL DEFAULT 1,
  -- Takeovers from workers that died since it last got on.
  recoveries integer NOT NULL DEFAULT 0,
  priority smallint NOT NULL DEFAULT 5,
  -- When a queued run became ready; when a waiting one goes on by itself.
  due_at timestamptz,
  waiting_for text,
  params text NOT NULL,
  output text,
  error text,
  -- How many changes it has had: the numbers of its progress events.
  seq bigint NOT NULL DEFAULT 1,
  -- The number of the first change of this generation.
  generation_seq bigint NOT NULL DEFAULT 1,
  -- How many events and ends of children have come for it.
  arrived bigint NOT NULL DEFAULT 0,
  parent bigint,
  idempotency_key text,
  -- SHA-256 of what was asked for under that key.
  idempotency_hash text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70); -- room beside a row for its next versions: most changes touch no index

CREATE UNIQUE INDEX run_id ON workflow.run (type, id);
-- A user's own, and all, by status and type, newest first; the second also finds what dead workers hold.
CREATE INDEX run_of_principal ON workflow.run (principal, status, type, pk);
CREATE INDEX run_of_status ON workflow.run (status, type, pk);
-- What may be claimed: in turns between principals, and by time.
CREATE INDEX run_ready ON workflow.run (type, version, priority, principal, due_at)
  WHERE status = 'queued';
CREATE INDEX run_asleep ON workflow.run (type, version, due_at) WHERE status = 'waiting';
CREATE INDEX run_of_parent ON workflow.run (parent) WHERE parent IS NOT NULL;
CREATE UNIQUE INDEX run_idempotency ON workflow.run (principal, type, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- What a run has recorded. No foreign key: it would cost a lookup per row, and rows are only written
-- under their run's lock and only deleted with it.
CREATE TABLE workflow.entry (
  run bigint NOT NULL,
  generation integer NOT NULL,
  branch text NOT NULL,
  ordinal integer NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  status text NOT NULL,
  attempts integer NOT NULL,
  result text,
  shape text,
  error text,
  due_at timestamptz,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- The number of the change that wrote it last.
  seq bigint NOT NULL,
  PRIMARY KEY (run, generation, branch, ordinal)
);

-- Events and ends of children that were not consumed yet.
CREATE TABLE workflow.arrival (
  run bigint NOT NULL,
  number bigint NOT NULL,
  name text NOT NULL,
  payload text NOT NULL,
  failed boolean NOT NULL DEFAULT false,
  arrived_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run, number)
);

-- One row per type that has a limit: locked by whoever claims runs of it.
CREATE TABLE workflow.admission (
  type text PRIMARY KEY,
  -- The theoretical arrival time of the generic cell rate algorithm (ITU-T I.371).
  next_start timestamptz NOT NULL DEFAULT now()
);

-- Which versions the workers that are alive can execute.
CREATE TABLE workflow.served (
  owner bigint NOT NULL,
  type text NOT NULL,
  version integer NOT NULL,
  PRIMARY KEY (type, version, owner)
);
