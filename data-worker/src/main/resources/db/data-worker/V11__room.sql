-- Rooms: what each has, beside its claim in actor.actor, and what transactions left for it.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('room') IS NULL THEN CREATE SCHEMA room; END IF;
END $$;
COMMENT ON SCHEMA room IS 'Rooms: their logs, shared state and access';

CREATE TABLE room.room (
  -- The row of actor.actor: its fence is compared by all that is written here.
  pk bigint PRIMARY KEY,
  -- Names the log. Another one tells every client that what it remembers is not of this log.
  epoch text NOT NULL DEFAULT gen_random_uuid()::text,
  -- The newest offset of the log; they begin with 1.
  head bigint NOT NULL DEFAULT 0,
  -- Who set its access first; null before anybody did.
  owner text,
  access text CHECK (access IN ('open', 'members')),
  -- Who may enter where access is 'members', beside the owner.
  members text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

CREATE TABLE room.message (
  room bigint NOT NULL,
  log_offset bigint NOT NULL,
  sender text NOT NULL,
  -- The sender's own; null where it gave none.
  id text,
  -- JSON as it came.
  data text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (room, log_offset)
);
CREATE UNIQUE INDEX message_id ON room.message (room, sender, id) WHERE id IS NOT NULL;
-- Rows are written in the order of time, nearly.
CREATE INDEX message_old ON room.message USING brin (at) WITH (pages_per_range = 32);

CREATE TABLE room.state (
  room bigint NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (room, key)
);

-- What transactions publish, until the room's owner has put it into the log.
CREATE TABLE room.inbox (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room text NOT NULL,
  sender text NOT NULL,
  id text,
  data text NOT NULL
);
CREATE INDEX inbox_of_room ON room.inbox (room, pk);
