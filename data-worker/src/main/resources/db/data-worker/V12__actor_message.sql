-- Calls of actors that travel as rows: what transactions leave for them, and what one worker asks
-- of an actor that another one has.
CREATE TABLE actor.message (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  key text NOT NULL,
  method text NOT NULL,
  -- JSON as text.
  params text NOT NULL,
  idempotency_key text,
  -- Which process waits for the answer, and what it calls it; null where nobody does.
  caller bigint,
  ticket bigint,
  -- It is not begun any more from then on; null for one that has time.
  deadline_at timestamptz,
  -- The incarnation that is to serve it, whose actor it is as far as anybody knew; null until one
  -- is picked. Only says who looks: what is served is committed under the actor's own fence.
  placed bigint,
  -- While it has no place: from when on it is to be given one.
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- How often it failed, and how often a worker could not serve it at all.
  attempt integer NOT NULL DEFAULT 0,
  returned integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Given up, for a person to look at.
  dead_at timestamptz,
  error text
);
-- One worker's, actor by actor.
CREATE INDEX message_placed ON actor.message (placed, type, key, pk) WHERE placed IS NOT NULL;
CREATE INDEX message_unplaced ON actor.message (type, due_at, pk)
  WHERE placed IS NULL AND dead_at IS NULL;
CREATE INDEX message_deadline ON actor.message (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX message_dead ON actor.message (dead_at) WHERE dead_at IS NOT NULL;
COMMENT ON TABLE actor.message IS 'Calls of actors that are to be served yet, or were given up';

CREATE TABLE actor.answer (
  caller bigint NOT NULL,
  ticket bigint NOT NULL,
  -- served, refused, failed or late.
  outcome text NOT NULL,
  -- JSON: the reply, or the problem.
  told text NOT NULL,
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (caller, ticket)
);
CREATE INDEX answer_old ON actor.answer (keep_until);
COMMENT ON TABLE actor.answer IS 'What calls were answered, until their callers have fetched it';
