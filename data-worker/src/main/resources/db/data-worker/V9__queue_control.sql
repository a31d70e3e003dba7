-- Queues: what statistics count, and what pullers hold.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('queue') IS NULL THEN CREATE SCHEMA queue; END IF;
END $$;

-- How many messages are in the hands of this worker's consumers; written every second if it changed.
ALTER TABLE queue.member ADD COLUMN in_flight integer NOT NULL DEFAULT 0;

-- Messages that were attempted before and will be again; few, so that counting them costs little.
CREATE INDEX message_retried ON queue.message (queue, due_at) INCLUDE (place, state)
  WHERE attempts > 0 AND state IN ('ready', 'behind', 'leased');

-- Keys of which a puller holds a message: the next one waits for that.
CREATE INDEX message_lent ON queue.message (partition, key)
  WHERE key IS NOT NULL AND state = 'leased';
