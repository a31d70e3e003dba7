// One room, whatever becomes of the connection: hands on each message once and in order, and sends
// again what the room has not acknowledged.

import { Connection } from "./room-connection.js";

const HISTORY = 50; // messages that somebody who comes in is shown
const PAGE = 100; // messages a call
const ANSWER_WITHIN = 10_000; // ms: for an acknowledgement, or a page of history
const RETRY_FRAME = 1_000; // after an error that says "again"

/** Unlike crypto.randomUUID, there without TLS too. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What a room tells: connection(state, seconds) and over(reason), as in Connection; reset(),
 * members(ids), presence(joined, left), message(message), missed(count),
 * acknowledged(id, isHandedOn), refused(id, code), state(key, value, version, from),
 * unset(key, code), signal(from, data).
 */
export class RoomClient {
  #path;
  #on;
  #connection;
  #epoch = null;
  #offset = 0; // of the last message handed on
  #published = new Map(); // id -> {data, sentAt}, until acknowledged
  #sets = new Map(); // key -> {id, value, ifVersion}, until settled
  #versions = new Map(); // key -> version
  #watch = 0;

  constructor(room, on) {
    this.#path = `/api/internal/rooms/${encodeURIComponent(room)}`;
    this.#on = on;
    this.#connection = new Connection(this.#path, {
      query: () => this.#query(),
      state: (state, seconds) => this.#on.connection(state, seconds),
      frame: (frame, isCurrent) => this.#receive(frame, isCurrent),
      over: (reason) => {
        clearInterval(this.#watch);
        this.#on.over(reason);
      },
    });
  }

  join() {
    this.#watch = setInterval(() => this.#lookForSilence(), 1_000);
    this.#connection.open();
  }

  leave() {
    this.#connection.end("left");
  }

  get unacknowledged() {
    return this.#published.size;
  }

  /** Sends this now or as soon as there is a connection, once. Returns its id. */
  publish(data) {
    const id = newId();
    this.#published.set(id, { data, sentAt: 0 });
    this.#sendPublished(id);
    return id;
  }

  /** Tells the others, if there is a connection. */
  signal(data) {
    this.#connection.send({ type: "signal", data });
  }

  /** Sets shared state if it still has this version, 0 being none. Answered by state or unset. */
  set(key, value, ifVersion) {
    this.#sets.set(key, { id: newId(), value, ifVersion });
    this.#sendSet(key);
  }

  // ---- sending -------------------------------------------------------------------------------

  /** Where to go on: after the last message that was handed on. */
  #query() {
    return this.#epoch === null
      ? ""
      : `?epoch=${encodeURIComponent(this.#epoch)}&offset=${this.#offset}`;
  }

  #sendPublished(id) {
    const waiting = this.#published.get(id);
    if (waiting !== undefined && this.#connection.isWelcome) {
      waiting.sentAt = performance.now();
      this.#connection.send({ type: "publish", id, data: waiting.data });
    }
  }

  #sendSet(key) {
    const wanted = this.#sets.get(key);
    if (wanted !== undefined) {
      this.#connection.send({ type: "set", key, ...wanted });
    }
  }

  /** A connection can be dead without an end: what waits for an answer too long shows it. */
  #lookForSilence() {
    const oldest = performance.now() - ANSWER_WITHIN;
    const isLate = ({ sentAt }) => sentAt !== 0 && sentAt < oldest;
    if (this.#connection.isWelcome && [...this.#published.values()].some(isLate)) {
      this.#connection.renew();
    }
  }

  // ---- receiving -----------------------------------------------------------------------------

  async #receive(frame, isCurrent) {
    switch (frame.type) {
      case "welcome":
        await this.#welcomed(frame, isCurrent);
        break;
      case "message":
        this.#take(frame);
        break;
      case "ack":
        this.#acknowledged(frame);
        break;
      case "presence":
        this.#on.presence(frame.joined, frame.left);
        break;
      case "signal":
        this.#on.signal(frame.from, frame.data);
        break;
      case "state":
        this.#changed(frame.key, frame.value, frame.version, frame.from);
        break;
      case "error":
        this.#erred(frame);
        break;
      default: // of a later version
    }
  }

  async #welcomed({ epoch, offset, recovered, members, state }, isCurrent) {
    const isSameLog = epoch === this.#epoch;
    if (!isSameLog) {
      this.#epoch = epoch;
      this.#offset = Math.max(0, offset - HISTORY);
      this.#versions.clear();
      this.#on.reset();
    }
    this.#on.members(members);
    for (const [key, { value, version }] of Object.entries(state)) {
      this.#changed(key, value, version);
    }
    if (!isSameLog || !recovered) {
      await this.#readHistory(offset, isCurrent);
    }
    if (isCurrent()) {
      this.#connection.welcomed();
      [...this.#published.keys()].forEach((id) => this.#sendPublished(id));
      [...this.#sets.keys()].forEach((key) => this.#sendSet(key));
    }
  }

  /** Hands on what came after the last message, up to this offset. */
  async #readHistory(upTo, isCurrent) {
    while (this.#offset < upTo) {
      const answer = await fetch(`${this.#path}/messages?after=${this.#offset}&limit=${PAGE}`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
      if (!answer.ok) {
        throw new Error(`history: ${answer.status}`);
      }
      const { items } = await answer.json();
      if (!isCurrent()) {
        return;
      }
      const from = items.length === 0 ? upTo + 1 : items[0].offset;
      if (from > this.#offset + 1) {
        this.#on.missed(from - this.#offset - 1); // older than what is kept
        this.#offset = from - 1;
      }
      items.forEach((message) => this.#take(message));
    }
  }

  #take(message) {
    if (message.offset <= this.#offset) {
      return; // seen already
    }
    if (message.offset > this.#offset + 1) {
      throw new Error(`a gap before ${message.offset}`); // another connection asks for what is missing
    }
    this.#offset = message.offset;
    this.#on.message(message);
  }

  #acknowledged({ id, offset }) {
    if (this.#published.delete(id)) {
      this.#on.acknowledged(id, offset <= this.#offset);
    }
  }

  /** Shared state has this value now; what we wanted it to be is settled by that. */
  #changed(key, value, version, from) {
    if (version <= (this.#versions.get(key) ?? 0)) {
      return;
    }
    this.#versions.set(key, version);
    this.#on.state(key, value, version, from);
    const wanted = this.#sets.get(key);
    if (wanted !== undefined && version > wanted.ifVersion) {
      this.#sets.delete(key);
      if (JSON.stringify(value) !== JSON.stringify(wanted.value)) {
        this.#on.unset(key, "conflict");
      }
    }
  }

  #erred({ id, code }) {
    const isAgain = code === "unavailable" || code === "too-many";
    if (this.#published.has(id)) {
      if (isAgain) {
        this.#published.get(id).sentAt = 0;
        setTimeout(() => this.#sendPublished(id), RETRY_FRAME);
      } else {
        this.#published.delete(id);
        this.#on.refused(id, code);
      }
      return;
    }
    for (const [key, wanted] of this.#sets) {
      if (wanted.id === id && isAgain) {
        setTimeout(() => this.#sendSet(key), RETRY_FRAME);
      } else if (wanted.id === id) {
        this.#sets.delete(key);
        this.#on.unset(key, code);
      }
    }
  }
}
