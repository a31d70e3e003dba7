-- What random programs do, to be counted from outside.
CREATE TABLE sample.program_count (
  scope text,
  place text,
  count integer NOT NULL,
  PRIMARY KEY (scope, place)
);

CREATE TABLE sample.program_attempt (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL,
  place text NOT NULL,
  nonce text NOT NULL
);

CREATE INDEX program_attempt_place ON sample.program_attempt (scope, place);
