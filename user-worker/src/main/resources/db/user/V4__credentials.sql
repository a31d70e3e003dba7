-- Keys for programs, and what an admin's list of accounts needs.

CREATE TABLE account.api_key (
  id         uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account.account ON DELETE CASCADE,
  -- SHA-256 of the key: a copy of this table lets nobody in. A key cannot be guessed, so that a
  -- slow hash would protect nothing more.
  hash       bytea NOT NULL UNIQUE,
  name       text NOT NULL,
  -- Separated by spaces, in the order in which they were asked for.
  scopes     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  -- To the minute, not to the request.
  used_at    timestamptz
) WITH (fillfactor = 80);
CREATE INDEX api_key_by_account ON account.api_key (account_id, id);

-- A ticket is made by a session or by a key, and ends with it. A release before this one finds no
-- session beside a key's ticket and refuses it.
ALTER TABLE account.ticket ALTER COLUMN session_id DROP NOT NULL;
ALTER TABLE account.ticket ADD COLUMN key_id uuid REFERENCES account.api_key ON DELETE CASCADE;
CREATE INDEX ticket_by_key ON account.ticket (key_id) WHERE key_id IS NOT NULL;

-- Whether there is another admin, however many accounts there are.
CREATE INDEX account_admin ON account.account (id)
  WHERE NOT disabled AND 'admin' = ANY (string_to_array(roles, ','));
