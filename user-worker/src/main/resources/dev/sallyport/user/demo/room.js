// The page: signing in, choosing a room, being in it.

import { Cursors, Pointer } from "./room-board.js";
import { RoomClient } from "./room-client.js";
import { at, Log, Members, Names, Topic } from "./room-view.js";

const TOPIC = "topic";
const SMALL_ROOM = 20; // up to here everybody tells a newcomer their name at once
const REASONS = {
  "signed-out": "Your session has ended. Please sign in again.",
  forbidden: "This room is not open to you. Its owner can let you in.",
  "no-such-room": "There is no such room, or none with such a name.",
};
const REFUSALS = {
  "too-large": "That was too long for the room.",
  forbidden: "You may read here, but not write.",
  conflict: "The room has something else under that id.",
};

const names = new Names();
let me = null; // {id, name}
let visit = null; // {room, client, pointer}

// ---- what is shown -----------------------------------------------------------------------------

function show(section) {
  for (const id of ["sign-in", "choose", "room"]) {
    at(id).hidden = id !== section;
  }
  at(`${section}-title`).focus();
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = text === "";
}

function connection(state, text) {
  at("connection").dataset.state = state;
  at("connection").textContent = text;
}

function toSignIn(why = "") {
  me = null;
  connection("out", "Not signed in");
  show("sign-in");
  notice(why);
}

function toChoice(why = "") {
  connection("out", `Signed in as ${me.name}`);
  const wanted = roomInAddress();
  if (wanted !== "") {
    at("room-name").value = wanted;
  }
  show("choose");
  notice(why);
}

function roomInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // no text
  }
}

// ---- signing in --------------------------------------------------------------------------------

/** The answer, its body read; a status of 0 where there was none. */
async function call(method, path, body) {
  try {
    const answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? {} : JSON.parse(text) };
  } catch {
    return { status: 0, body: {} };
  }
}

function problemText({ status, body }) {
  if (status === 0) {
    return "There was no answer. Please try again.";
  }
  const fields = (body.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  return fields.length > 0 ? `Please look again: ${fields.join("; ")}.` : (body.detail ?? body.title);
}

function signedIn(user) {
  me = { id: user.id, name: user.displayName ?? user.email.split("@")[0] };
  names.learn(me.id, me.name);
  toChoice();
}

async function signIn() {
  const answer = await call("POST", "/auth/login", {
    email: at("email").value,
    password: at("password").value,
  });
  if (answer.status !== 200) {
    notice(answer.status === 401 ? "Email and password do not match." : problemText(answer));
    return;
  }
  at("password").value = "";
  signedIn(answer.body.user);
}

async function register() {
  if (!at("sign-in-form").reportValidity()) {
    return;
  }
  const name = at("name").value.trim();
  const answer = await call("POST", "/auth/register", {
    email: at("email").value,
    password: at("password").value,
    ...(name === "" ? {} : { displayName: name }),
  });
  if (answer.status === 201) {
    await signIn();
  } else {
    notice(answer.status === 409 ? "There is an account with this email: sign in." : problemText(answer));
  }
}

async function signOut() {
  await call("POST", "/auth/logout");
  toSignIn();
}

// ---- the room ----------------------------------------------------------------------------------

function goIn(room) {
  const log = new Log();
  const members = new Members(me.id, names);
  const cursors = new Cursors();
  const topic = new Topic((value, version) => client.set(TOPIC, value, version));

  const hello = (isAnswer) => client.signal({ kind: "hello", name: me.name, isAnswer });
  const byName = (userId) => (userId === undefined ? "" : names.of(userId));
  const learn = (userId, name) => {
    if (names.learn(userId, name)) {
      members.show();
    }
  };

  const client = new RoomClient(room, {
    connection(state, seconds) {
      log.setQuiet(state !== "connected");
      if (state === "connected") {
        connection("connected", "Connected");
        hello(false);
      } else {
        cursors.clear();
        connection(
          state,
          state === "connecting" ? "Connecting…" : `Connection lost; next attempt in ${seconds} s`,
        );
      }
    },
    over(reason) {
      const unsent = client.unacknowledged;
      goOut();
      if (reason === "signed-out") {
        toSignIn(REASONS[reason]);
      } else {
        toChoice(REASONS[reason] ?? (unsent > 0 ? "Your last words may not have arrived." : ""));
      }
    },
    reset() {
      log.clear();
      topic.clear();
    },
    members: (userIds) => members.replace(userIds),
    presence(joined, left) {
      members.change(joined, left);
      left.forEach((userId) => cursors.remove(userId));
    },
    message(message) {
      learn(message.from, message.data?.name);
      log.add(message, names.of(message.from), message.from === me.id);
    },
    missed: (count) => log.addGap(count),
    acknowledged(id, isHandedOn) {
      if (isHandedOn) {
        log.dropPending(id); // else its message takes its place
      }
    },
    refused(id, code) {
      log.dropPending(id);
      notice(REFUSALS[code] ?? "The room did not take that.");
    },
    state(key, value, version, from) {
      if (key === TOPIC && typeof value === "string") {
        topic.changed(value, version, byName(from), from === me.id);
      }
    },
    unset(key, code) {
      if (code === "conflict") {
        topic.conflicted();
      } else {
        topic.refused(REFUSALS[code] ?? "The room did not take that.");
      }
    },
    signal(from, data) {
      if (data?.kind === "hello") {
        learn(from, data.name);
        if (data.isAnswer !== true && members.size <= SMALL_ROOM) {
          hello(true);
        }
      } else if (data?.kind === "cursor") {
        learn(from, data.name);
        cursors.move(from, names.of(from), data.x, data.y);
      }
    },
  });

  const pointer = new Pointer((x, y) => client.signal({ kind: "cursor", name: me.name, x, y }));
  at("say-form").onsubmit = (event) => {
    event.preventDefault();
    const text = at("say").value;
    const id = client.publish({ text, name: me.name });
    log.addPending(id, me.name, me.id, text);
    at("say").value = "";
    at("say").focus();
    notice("");
  };
  visit = { client, pointer, cursors };
  log.clear();
  topic.clear();
  at("room-title").textContent = `Room ${room}`;
  history.replaceState(null, "", `#${encodeURIComponent(room)}`);
  notice("");
  show("room");
  client.join();
}

function goOut() {
  visit.pointer.stop();
  visit.cursors.clear();
  visit = null;
}

// ---- what people do ----------------------------------------------------------------------------

/** One thing at a time: a second click on the same waits for nothing and does nothing. */
function once(action) {
  let isBusy = false;
  return async (event) => {
    event.preventDefault();
    if (!isBusy) {
      isBusy = true;
      notice("");
      await action().finally(() => (isBusy = false));
    }
  };
}

at("sign-in-form").onsubmit = once(signIn);
at("register-button").onclick = once(register);
at("sign-out-button").onclick = once(signOut);
at("choose-form").onsubmit = (event) => {
  event.preventDefault();
  goIn(at("room-name").value.trim());
};
at("leave-button").onclick = () => visit.client.leave();

// What is not acknowledged yet would be lost with the page.
addEventListener("beforeunload", (event) => {
  if (visit !== null && visit.client.unacknowledged > 0) {
    event.preventDefault();
  }
});

const known = await call("GET", "/auth/me");
if (known.status === 200) {
  signedIn(known.body);
} else {
  toSignIn();
}
