-- Who may come in. Owned by the role user_worker alone.

CREATE TABLE account.account (
  id            uuid PRIMARY KEY,
  -- Lower case: two spellings of one address are one account.
  email         text NOT NULL UNIQUE,
  -- Argon2id in its usual text form; null for an account that only signs in elsewhere.
  password_hash text,
  display_name  text,
  -- Sorted, comma-separated.
  roles         text NOT NULL,
  disabled      boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account.session (
  id          uuid PRIMARY KEY,
  account_id  uuid NOT NULL REFERENCES account.account ON DELETE CASCADE,
  -- SHA-256 of the cookie: a copy of this table opens no session.
  cookie_hash bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  ended_at    timestamptz
);
CREATE INDEX session_by_account ON account.session (account_id);
CREATE INDEX session_by_expiry ON account.session (expires_at);

CREATE TABLE account.refresh_token (
  hash       bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES account.session ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at    timestamptz
);
CREATE INDEX refresh_token_by_session ON account.refresh_token (session_id);

CREATE TABLE account.signing_key (
  kid         text PRIMARY KEY,
  public_key  text NOT NULL,
  -- AES-256-GCM under sallyport.auth.key-encryption-key.
  private_key bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- The last number given. Its row lock is held to the commit, so numbers become visible in order.
CREATE TABLE account.revocation_counter (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  last   bigint NOT NULL
);
INSERT INTO account.revocation_counter (last) VALUES (0);

-- What no longer counts although a signature says it does.
CREATE TABLE account.revocation (
  number  bigint PRIMARY KEY,
  session uuid NOT NULL,
  -- When the last token of the session has expired: nothing needs this row afterwards.
  until   timestamptz NOT NULL
);
CREATE INDEX revocation_by_session ON account.revocation (session);
CREATE INDEX revocation_by_until ON account.revocation (until);
