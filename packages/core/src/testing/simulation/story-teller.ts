import { parsePath } from "../../job/path.js";
import type { Json } from "../../json.js";
import type { InboundMessage } from "../../ports/message.js";
import type { TestClock } from "../test-clock.js";

/** Notes what happens in a simulation, for people who have to understand it. */
export class StoryTeller {
  readonly lines: string[] = [];
  readonly #clock: TestClock;
  readonly #startedAt: number;

  constructor(clock: TestClock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  get atMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  tell(what: string): void {
    this.lines.push(`${elapsed(this.atMs).padStart(14)}  ${what}`);
  }

  /** What went wrong stands out. */
  fault(what: string): void {
    this.lines.push(`${"!".padStart(14)}  ${what}`);
  }

  decided({ kind, job, path, source }: InboundMessage): void {
    if (source === "event") return;
    const about = path === null ? job : `${parsePath(path).activity} of ${job}`;
    this.tell(`the engine decides ${words[kind] ?? kind} ${about}`);
  }
}

const words: Readonly<Record<string, string>> = {
  start: "the start of",
  complete: "the answer to",
  wake: "the timer of",
  signal: "the signal to",
  interrupt: "the end of",
  resume: "how to go on with",
};

/** JSON on one line, with an end. */
export function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** `0 s`, `30.5 s`, `12 d 01:00:00 h`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${ms / 1_000} s`;
  const seconds = Math.floor(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  const time = [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days} d ${time}` : time;
}
