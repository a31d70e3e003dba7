// A socket that is opened again whenever it ends, with more patience each time, until there is a
// reason to stop.

const SUBPROTOCOL = "sallyport.room.v1";
const ANSWER_WITHIN = 10_000; // ms: for a welcome, and for a word on why there is none
const BEHIND_MAX = 5_000; // frames that may wait while one is being dealt with
const RETRY_FIRST = 500; // ms, doubled with every failure
const RETRY_MAX = 30_000;
const RETRY_CROWDED = 15_000; // at least, where the room asks for fewer frames
const STEADY = 5_000; // ms after which a connection counts as one that holds

const MOVED = 1012;
const SESSION_ENDED = 4001;
const FORBIDDEN = 4003;
const TOO_MANY = 4029;

export class Connection {
  #path;
  #on;
  #socket = null; // the one that counts; what an older one still says does not
  #isWelcome = false;
  #failures = 0;
  #isOver = false;
  #timer = 0; // the next attempt, or the wait for a welcome, or for it to be steady

  /**
   * @param path of the room
   * @param on query() to connect with; state(state, seconds): connecting, connected, waiting;
   *   frame(frame, isCurrent), one after the other, each when what the one before promised has
   *   come; over(reason): signed-out, forbidden, no-such-room, or as it was ended
   */
  constructor(path, on) {
    this.#path = path;
    this.#on = on;
  }

  open() {
    addEventListener("online", this.#openNow);
    this.#connect();
  }

  end(reason) {
    if (!this.#isOver) {
      this.#isOver = true;
      removeEventListener("online", this.#openNow);
      this.#drop();
      this.#on.over(reason);
    }
  }

  /** Whether frames can be sent. */
  get isWelcome() {
    return this.#isWelcome;
  }

  send(frame) {
    if (this.#isWelcome && this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(frame));
    }
  }

  /** The room has welcomed us, and we have all that it said before. */
  welcomed() {
    this.#isWelcome = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#failures = 0), STEADY);
    this.#on.state("connected");
  }

  /** This connection is no good any more: another one, please. */
  renew() {
    this.#lost(this.#socket);
  }

  #connect() {
    this.#on.state("connecting");
    const url = new URL(`${this.#path}/socket${this.#on.query()}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, [SUBPROTOCOL]);
    const isCurrent = () => socket === this.#socket;
    let waiting = 0;
    let turn = Promise.resolve();
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      waiting += 1;
      if (waiting > BEHIND_MAX) {
        this.#lost(socket);
        return;
      }
      turn = turn
        .then(() => (isCurrent() ? this.#on.frame(JSON.parse(data), isCurrent) : undefined))
        .catch(() => this.#lost(socket))
        .finally(() => (waiting -= 1));
    };
    socket.onclose = ({ code }) => this.#lost(socket, code);
    this.#timer = setTimeout(() => this.#lost(socket), ANSWER_WITHIN);
  }

  #lost(socket, code = 0) {
    if (socket === null || socket !== this.#socket) {
      return;
    }
    const wasWelcome = this.#isWelcome;
    this.#drop();
    if (code === SESSION_ENDED) {
      this.end("signed-out");
    } else if (code === FORBIDDEN) {
      this.end("forbidden");
    } else {
      this.#retryIn(this.#patience(code, wasWelcome));
      if (!wasWelcome) {
        this.#askWhy();
      }
    }
  }

  /** How long to wait, in ms: random, so that those who were lost together do not come together. */
  #patience(code, wasWelcome) {
    const longest = Math.min(RETRY_MAX, RETRY_FIRST * 2 ** this.#failures);
    const isFirst = this.#failures === 0;
    this.#failures += 1;
    if (code === TOO_MANY) {
      return Math.max(longest, RETRY_CROWDED) * (1 + Math.random());
    }
    return code === MOVED && wasWelcome && isFirst
      ? longest * Math.random()
      : longest * (0.5 + Math.random() / 2);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#isWelcome = false;
    clearTimeout(this.#timer);
    if (socket !== null) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }

  #retryIn(millis) {
    this.#on.state("waiting", Math.ceil(millis / 1_000));
    this.#timer = setTimeout(() => this.#connect(), millis);
  }

  #openNow = () => {
    if (this.#socket === null && !this.#isOver) {
      clearTimeout(this.#timer);
      this.#connect();
    }
  };

  /** A browser does not tell a page why an upgrade was refused; a plain call does. */
  async #askWhy() {
    const status = await fetch(this.#path, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
      .then((answer) => answer.status)
      .catch(() => 0); // no network: the next attempt comes anyway
    if (this.#isWelcome) {
      return; // it was not for good
    }
    if (status === 401) {
      this.end("signed-out");
    } else if (status === 403) {
      this.end("forbidden");
    } else if (status === 404) {
      this.end("no-such-room");
    }
  }
}
