// The board on which people point at something: the pointers of the others, and one's own.

import { at, colourOf, element } from "./room-view.js";

const SILENCE = 5_000; // ms after which a pointer that does not move is taken away
const EVERY = 50; // ms between two words about one's own
const STEP = 0.04; // of the board, for each arrow key

/** The pointers of the others, each gone when its owner is, or is silent. */
export class Cursors {
  #board = at("board");
  #shown = new Map(); // user id -> {mark, timer}

  /** @param x, y from 0 to 1 */
  move(userId, name, x, y) {
    if (!isPart(x) || !isPart(y)) {
      return;
    }
    const mark = this.#shown.get(userId)?.mark ?? this.#add(userId);
    mark.textContent = name;
    mark.style.left = `${x * 100}%`;
    mark.style.top = `${y * 100}%`;
    clearTimeout(this.#shown.get(userId)?.timer);
    const timer = setTimeout(() => this.remove(userId), SILENCE);
    this.#shown.set(userId, { mark, timer });
  }

  #add(userId) {
    const mark = element("span", "cursor", "");
    mark.dataset.user = userId;
    mark.setAttribute("aria-hidden", "true"); // too much to be read out; who is there stands in the list
    mark.style.setProperty("--member", colourOf(userId));
    this.#board.append(mark);
    return mark;
  }

  remove(userId) {
    const cursor = this.#shown.get(userId);
    if (cursor !== undefined) {
      clearTimeout(cursor.timer);
      cursor.mark.remove();
      this.#shown.delete(userId);
    }
  }

  clear() {
    [...this.#shown.keys()].forEach((userId) => this.remove(userId));
  }
}

function isPart(value) {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** One's own pointer on the board, by mouse, finger or arrow keys: told at most every 50 ms. */
export class Pointer {
  #x = 0.5;
  #y = 0.5;
  #timer = 0;
  #tell;

  constructor(tell) {
    this.#tell = tell;
    const board = at("board");
    board.onpointermove = (event) => {
      const box = board.getBoundingClientRect();
      this.#go((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    };
    board.onkeydown = (event) => {
      const step = {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, -1],
        ArrowDown: [0, 1],
      }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        this.#go(this.#x + step[0] * STEP, this.#y + step[1] * STEP);
      }
    };
  }

  #go(x, y) {
    this.#x = Math.min(1, Math.max(0, x));
    this.#y = Math.min(1, Math.max(0, y));
    if (this.#timer === 0) {
      this.#tell(this.#x, this.#y);
      let told = [this.#x, this.#y];
      this.#timer = setInterval(() => {
        if (told[0] === this.#x && told[1] === this.#y) {
          this.stop();
        } else {
          told = [this.#x, this.#y];
          this.#tell(...told);
        }
      }, EVERY);
    }
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
}
