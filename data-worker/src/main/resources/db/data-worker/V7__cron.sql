-- Schedules, and what became of each time that they were due.
DO $$ BEGIN
  -- It may have been made for a role that cannot make one.
  IF to_regnamespace('cron') IS NULL THEN CREATE SCHEMA cron; END IF;
END $$;
COMMENT ON SCHEMA cron IS 'Schedules and the history of their fires';

CREATE TABLE cron.schedule (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  -- Whether a bean says so, rather than a person or a transaction.
  declared boolean NOT NULL,
  timing_kind text NOT NULL CHECK (timing_kind IN ('cron', 'every', 'at')),
  timing text NOT NULL,
  zone text,
  -- From where an interval is counted.
  anchor timestamptz,
  -- What is started, and with it which workers can: 'workflow ', 'queue ' or
  -- 'job ', and a name.
  server text NOT NULL,
  queue_key text,
  -- JSON as text: parameters, or a message's body.
  payload text NOT NULL,
  overlap text NOT NULL CHECK (overlap IN ('skip', 'wait', 'allow')),
  missed text NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
  jitter_millis bigint NOT NULL,
  -- For when it is due next, null for never; and when that fires, which is later by the jitter.
  due_at timestamptz,
  fire_at timestamptz,
  paused_at timestamptz,
  -- The run of a workflow that was started last.
  last_run text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX schedule_next ON cron.schedule (server, fire_at)
  WHERE fire_at IS NOT NULL AND paused_at IS NULL;

CREATE TABLE cron.fire (
  pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule bigint NOT NULL,
  due_at timestamptz NOT NULL,
  manual boolean NOT NULL,
  -- started: a run was. sent: a message was. waiting: for the one before to end. queued, running:
  -- a job, for a worker or on one.
  status text NOT NULL CHECK (status IN ('started', 'sent', 'waiting', 'queued', 'running',
    'complete', 'errored', 'skipped', 'missed')),
  -- How many times before this one were passed over; for 'missed' it counts itself.
  missed integer NOT NULL DEFAULT 0,
  server text NOT NULL,
  -- What it is to be given, as long as it has not begun.
  payload text,
  -- The id of the run or of the message.
  run text,
  -- The claim of a job: which worker's incarnation executes it. Whatever takes it from its holder
  -- raises the fence, and every write of a holder compares it.
  owner bigint,
  fence bigint NOT NULL DEFAULT 1,
  worker text,
  attempt integer NOT NULL DEFAULT 0,
  -- When a queued job may begin.
  run_at timestamptz,
  claimed_at timestamptz,
  fired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  ended_at timestamptz,
  error text,
  -- Until when it stays in the history.
  keep_until timestamptz NOT NULL
) WITH (fillfactor = 80);
-- One fire for each time that a schedule is due.
CREATE UNIQUE INDEX fire_once ON cron.fire (schedule, due_at) WHERE NOT manual;
CREATE INDEX fire_of_schedule ON cron.fire (schedule, pk);
CREATE INDEX fire_going ON cron.fire (schedule) WHERE status IN ('waiting', 'queued', 'running');
CREATE INDEX fire_waiting ON cron.fire (pk) WHERE status = 'waiting';
CREATE INDEX fire_ready ON cron.fire (server, run_at) WHERE status = 'queued';
CREATE INDEX fire_running ON cron.fire (owner) WHERE status = 'running';
CREATE INDEX fire_old ON cron.fire (keep_until) WHERE ended_at IS NOT NULL;
