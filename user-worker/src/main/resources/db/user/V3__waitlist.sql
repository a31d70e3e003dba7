-- Who wants to hear when there is something on a host that has nothing yet.

CREATE TABLE account.waitlist (
  -- As it is kept: lower case, no space around it. The key is what makes a repeat no second row, and
  -- an insert a look into an index however many rows there are.
  email     text PRIMARY KEY CHECK (length(email) <= 254),
  joined_at timestamptz NOT NULL DEFAULT now()
);
