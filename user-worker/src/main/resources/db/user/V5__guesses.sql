-- How often a password was guessed wrong. A fixed number of slots, however many addresses somebody
-- makes up: a keyed hash of an address, or of one of its known devices, says which slot.
CREATE TABLE account.guess (
  slot     integer PRIMARY KEY,
  failures integer NOT NULL,
  -- When the next attempt counts.
  free_at  timestamptz NOT NULL,
  last_at  timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX guess_by_last ON account.guess (last_at);

-- A key is published before it signs, so that every worker and every reader of our key set knows it
-- by then. Keys that were there before this sign at once.
ALTER TABLE account.signing_key ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now();

-- Who somebody is at another issuer, and which account that is here.
CREATE TABLE account.identity (
  id         uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account.account ON DELETE CASCADE,
  issuer     text NOT NULL,
  subject    text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (issuer, subject)
);
CREATE INDEX identity_by_account ON account.identity (account_id);

-- When a trusted issuer said that the address is this person's; null where nobody has.
ALTER TABLE account.account ADD COLUMN email_verified_at timestamptz;
