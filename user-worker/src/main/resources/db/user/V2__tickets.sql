-- What a page shows to open a WebSocket, where it can send no header. Works once: using it is
-- deleting it.

CREATE TABLE account.ticket (
  -- SHA-256 of the ticket: a copy of this table opens no socket.
  hash       bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES account.session ON DELETE CASCADE,
  -- By the database's clock, like every look at it.
  expires_at timestamptz NOT NULL
);
CREATE INDEX ticket_by_session ON account.ticket (session_id);
CREATE INDEX ticket_by_expiry ON account.ticket (expires_at);
