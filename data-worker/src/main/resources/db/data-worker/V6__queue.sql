-- Queues: who consumes which partition, and the messages that have left the log.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('queue') IS NULL THEN CREATE SCHEMA queue; END IF;
END $$;
COMMENT ON SCHEMA queue IS 'Queues, and their messages once these have left Kafka';

CREATE TABLE queue.queue (
  pk integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  -- Who may send over HTTP: 'users' or 'role:' and its name; null for nobody.
  senders text,
  -- As many as its topic has; null until the topic was found or made.
  partitions integer,
  -- Whether it takes no more messages.
  closed boolean NOT NULL DEFAULT false,
  paused_at timestamptz
);

-- What user-workers need to know, and all that they can read here.
CREATE VIEW queue.open_queue AS
  SELECT name, senders FROM queue.queue
  WHERE senders IS NOT NULL AND NOT closed AND partitions IS NOT NULL;
GRANT USAGE ON SCHEMA queue TO PUBLIC;
GRANT SELECT ON queue.open_queue TO PUBLIC;

CREATE TABLE queue.partition (
  pk integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue integer NOT NULL,
  number integer NOT NULL,
  -- The claim: which worker's incarnation consumes it.
  owner bigint,
  fence bigint NOT NULL DEFAULT 1,
  -- Which offsets of the log are behind us, for good. What is in flight leaves holes, so there are
  -- never more ranges than messages in flight.
  done int8multirange NOT NULL DEFAULT '{}',
  UNIQUE (queue, number)
) WITH (fillfactor = 50);

-- Which queues a worker's incarnation can consume: partitions are divided among these.
CREATE TABLE queue.member (
  incarnation bigint NOT NULL,
  queue integer NOT NULL,
  PRIMARY KEY (incarnation, queue)
);

-- Messages that left the log before they were done.
CREATE TABLE queue.message (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue integer NOT NULL,
  partition integer NOT NULL,
  -- delayed: has a key and is due later; holds nobody up until then. ready: to be handled from
  -- due_at on; of a key only the first is. behind: waits for an earlier message of its key. leased:
  -- in the hands of a puller until due_at. dead: for a person.
  state text NOT NULL CHECK (state IN ('delayed', 'ready', 'behind', 'leased', 'dead')),
  due_at timestamptz NOT NULL,
  -- When it first was due, in the broker's time: its place among the messages of its key, whatever
  -- happens to it later.
  place timestamptz NOT NULL,
  -- Where it was in the partition's log; decides between equal places.
  log_offset bigint NOT NULL,
  id text NOT NULL,
  sender text NOT NULL,
  key text,
  body text NOT NULL,
  sent_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- Why the last attempt failed.
  reason text,
  -- What a puller shows to acknowledge this very lease.
  receipt uuid
);
CREATE INDEX message_due ON queue.message (partition, state, due_at, pk)
  WHERE state IN ('delayed', 'ready');
CREATE INDEX message_lane ON queue.message (partition, key, place, log_offset)
  WHERE key IS NOT NULL AND state IN ('ready', 'behind', 'leased');
CREATE INDEX message_head ON queue.message (partition, key)
  WHERE key IS NOT NULL AND state = 'ready';
CREATE INDEX message_of_queue ON queue.message (queue, state, due_at, pk);
CREATE INDEX message_id ON queue.message (partition, id);

-- Ids that were taken in, in four slots of 12 hours that are used in turn: one is written, two are
-- still looked into, one is emptied. So an id is remembered for 24 hours at least.
CREATE TABLE queue.seen (
  slot smallint NOT NULL,
  partition integer NOT NULL,
  -- Made of the sender and the id.
  id uuid NOT NULL,
  -- The first eight bytes of a hash of what was sent.
  content bigint NOT NULL,
  PRIMARY KEY (partition, id, slot)
) PARTITION BY LIST (slot);
CREATE TABLE queue.seen_0 PARTITION OF queue.seen FOR VALUES IN (0);
CREATE TABLE queue.seen_1 PARTITION OF queue.seen FOR VALUES IN (1);
CREATE TABLE queue.seen_2 PARTITION OF queue.seen FOR VALUES IN (2);
CREATE TABLE queue.seen_3 PARTITION OF queue.seen FOR VALUES IN (3);
CREATE TABLE queue.seen_slot (
  slot smallint PRIMARY KEY,
  -- For which turn it has been emptied: half days since 1970.
  turn bigint NOT NULL
);
INSERT INTO queue.seen_slot (slot, turn) VALUES (0, 0), (1, 0), (2, 0), (3, 0);

-- Messages of transactions, until the relay has sent them.
CREATE TABLE queue.outbox (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  id text NOT NULL,
  sender text NOT NULL,
  key text,
  delay_millis bigint NOT NULL DEFAULT 0,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The claim to send what is in the outbox: one row.
CREATE TABLE queue.relay (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  owner bigint,
  fence bigint NOT NULL DEFAULT 1
);
INSERT INTO queue.relay DEFAULT VALUES;
