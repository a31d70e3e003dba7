// What the room looks like. Everything that people wrote is put on the page as text, never as HTML.

const SHOWN_MAX = 500; // messages on the page; older ones are in the room's history
const NAMED_AT_ONCE = 3; // who came or went: more are counted
const NAME_MAX = 40;
const COLOURS = ["#2f7fc1", "#c1502f", "#3d8b40", "#8a4fbf", "#a67c00", "#00807a", "#b83280", "#5b6770"];

export const at = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export function colourOf(userId) {
  let sum = 0;
  for (const character of userId) {
    sum = (sum * 31 + character.codePointAt(0)) % 65_521;
  }
  return COLOURS[sum % COLOURS.length];
}

/** What people say they are called. A room knows ids alone, so this is no proof of anything. */
export class Names {
  #known = new Map();

  learn(userId, name) {
    if (typeof name !== "string" || name.trim() === "") {
      return false;
    }
    const told = name.trim().slice(0, NAME_MAX);
    const isNew = this.#known.get(userId) !== told;
    this.#known.set(userId, told);
    return isNew;
  }

  of(userId) {
    return this.#known.get(userId) ?? `user ${userId.slice(-4)}`;
  }
}

export class Log {
  #list = at("messages");
  #box = at("log");
  #pending = new Map(); // id -> {line, text}

  clear() {
    this.#list.replaceChildren(...[...this.#pending.values()].map(({ line }) => line));
  }

  /** Reads itself out only what comes while one is there. */
  setQuiet(isQuiet) {
    this.#box.setAttribute("aria-live", isQuiet ? "off" : "polite");
  }

  addPending(id, name, userId, text) {
    const line = this.#line(name, userId, text);
    line.append(" ", element("span", "pending", "sending…"));
    this.#pending.set(id, { line, text });
    this.#put(() => this.#list.append(line));
  }

  dropPending(id) {
    this.#pending.get(id)?.line.remove();
    this.#pending.delete(id);
  }

  /** One's own takes the place of what is being sent with the same words. */
  add({ offset, from, data, at: time }, name, isOwn) {
    const text = textOf(data);
    const line = this.#line(name, from, text);
    line.dataset.offset = offset;
    const when = element("time", "", new Date(time).toLocaleTimeString([], { timeStyle: "short" }));
    when.dateTime = time;
    line.append(" ", when);
    this.#put(() => {
      const sending = [...this.#pending].find(([, one]) => isOwn && one.text === text);
      this.dropPending(sending?.[0]);
      this.#list.insertBefore(line, this.#pending.values().next().value?.line ?? null);
      while (this.#list.childElementCount > SHOWN_MAX) {
        this.#list.firstElementChild.remove();
      }
    });
  }

  addGap(count) {
    if (this.#list.childElementCount > 0) {
      this.#list.append(element("li", "pending", `${count} older messages are no longer kept`));
    }
  }

  #line(name, userId, text) {
    const line = document.createElement("li");
    const who = element("span", "who", name);
    who.style.setProperty("--member", colourOf(userId));
    line.append(who, element("span", "text", text));
    return line;
  }

  /** Stays at the end where it was at the end; who reads further up is left there. */
  #put(change) {
    const isAtEnd = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < 40;
    change();
    if (isAtEnd) {
      this.#box.scrollTop = this.#box.scrollHeight;
    }
  }
}

function textOf(data) {
  return typeof data?.text === "string" ? data.text : JSON.stringify(data);
}

export class Members {
  #list = at("members");
  #comings = at("comings");
  #here = new Set();
  #names;
  #me;

  constructor(me, names) {
    this.#me = me;
    this.#names = names;
  }

  get size() {
    return this.#here.size;
  }

  has(userId) {
    return this.#here.has(userId);
  }

  replace(userIds) {
    this.#here = new Set(userIds);
    this.#comings.textContent = "";
    this.show();
  }

  change(joined, left) {
    const came = joined.filter((one) => !this.#here.has(one));
    const went = left.filter((one) => this.#here.has(one));
    came.forEach((one) => this.#here.add(one));
    went.forEach((one) => this.#here.delete(one));
    const told = [this.#told(came, "came in"), this.#told(went, "left")].filter((part) => part !== "");
    if (told.length > 0) {
      this.#comings.textContent = told.join("; ");
    }
    this.show();
    return came;
  }

  show() {
    const others = [...this.#here].filter((one) => one !== this.#me);
    const mine = this.#here.has(this.#me) ? [this.#item(this.#me, " (you)")] : [];
    this.#list.replaceChildren(...mine, ...others.map((one) => this.#item(one, "")));
  }

  #item(userId, remark) {
    const item = element("li", "who", this.#names.of(userId) + remark);
    item.dataset.user = userId;
    item.style.setProperty("--member", colourOf(userId));
    return item;
  }

  #told(userIds, what) {
    const named = userIds.slice(0, NAMED_AT_ONCE).map((one) => this.#names.of(one));
    const more = userIds.length - named.length;
    return named.length === 0
      ? ""
      : `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""} ${what}`;
  }
}

/** The topic: a piece of shared state. Who edits it while somebody else changes it is asked. */
export class Topic {
  #field = at("topic");
  #note = at("topic-note");
  #value = "";
  #version = 0;
  #byWhom = "";
  #from = 0; // the version that the edit in the field began with

  constructor(save) {
    at("topic-form").onsubmit = (event) => {
      event.preventDefault();
      this.#note.textContent = "Saving…";
      save(this.#field.value, this.#from);
    };
  }

  clear() {
    this.#value = "";
    this.#version = 0;
    this.#byWhom = "";
    this.#from = 0;
    this.#field.value = "";
    this.#note.textContent = "";
  }

  changed(value, version, byWhom, isOwn) {
    const isEdited = this.#field.value !== this.#value && this.#field.value !== value;
    this.#value = value;
    this.#version = version;
    this.#byWhom = byWhom;
    if (isEdited && !isOwn) {
      this.conflicted();
      return;
    }
    this.#from = version;
    this.#note.textContent = byWhom === "" ? "" : `set by ${byWhom}`;
    if (!isEdited) {
      this.#field.value = value;
    }
  }

  conflicted() {
    this.#from = this.#version;
    const who = this.#byWhom === "" ? "Somebody" : this.#byWhom;
    this.#note.textContent = `${who} has set it to “${this.#value}” meanwhile. Your text is still here: save again to put it in place.`;
  }

  refused(why) {
    this.#note.textContent = why;
  }
}
