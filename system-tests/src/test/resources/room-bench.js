// A RoomClient of the page with sockets and history played by the test: bench.server says and does
// what a room would, bench.told is what the client made of it.
(async () => {
  const sockets = [];
  const told = [];
  const asked = [];
  const tell = (what) => (...with_) => told.push([what, ...with_]);
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    sent = [];
    constructor(url) {
      this.url = String(url);
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {}
  };
  const { RoomClient } = await import("/demo/room-client.js");
  const client = new RoomClient("a room", {
    connection: tell("connection"),
    over: tell("over"),
    reset: tell("reset"),
    members: tell("members"),
    presence: tell("presence"),
    message: ({ offset }) => told.push(["message", offset]),
    missed: tell("missed"),
    acknowledged: tell("acknowledged"),
    refused: tell("refused"),
    state: tell("state"),
    unset: tell("unset"),
    signal: tell("signal"),
  });
  window.bench = {
    client,
    sockets,
    told,
    asked,
    status: 200, // of what is asked over HTTP
    history: [], // offsets
    get last() {
      return sockets.at(-1);
    },
    says(...frames) {
      frames.forEach((frame) => this.last.onmessage({ data: JSON.stringify(frame) }));
    },
    welcomes(offset, recovered, epoch = "e1", state = {}) {
      this.says({ type: "welcome", room: "a room", epoch, offset, recovered, members: ["me"], state });
    },
    sends(...offsets) {
      this.says(...offsets.map((offset) => ({ type: "message", offset, from: "you", data: {}, at: "" })));
    },
    ends(code) {
      this.last.onclose({ code });
    },
    seen: () => told.filter(([what]) => what === "message").map(([, offset]) => offset),
  };
  window.fetch = async (url) => {
    asked.push(String(url));
    const after = Number(new URL(url, location.href).searchParams.get("after"));
    const items = bench.history.filter((offset) => offset > after).slice(0, 2);
    return {
      ok: bench.status === 200,
      status: bench.status,
      json: async () => ({ items: items.map((offset) => ({ offset, from: "you", data: {}, at: "" })) }),
    };
  };
  client.join();
})();
