import { after, type Cancel, Canceller, type Clock } from "@hotmesh/core";
import { JobTimeoutError } from "../errors.js";

/** How long a caller waits. */
const patienceMs = 30_000;

/** Runs something for a call and rejects with `JobTimeoutError` (504) when it takes too long; then `done` has fired. */
export async function withPatience<Result>(
  clock: Clock,
  id: string,
  run: (done: Cancel) => Promise<Result>,
): Promise<Result> {
  const done = new Canceller();
  const timeout = clock.sleep(after(clock.now(), patienceMs), done).then(() => {
    throw new JobTimeoutError(id);
  });
  const result = run(done);
  // Whichever comes second is of no interest any more.
  timeout.catch(() => {});
  result.catch(() => {});
  try {
    return await Promise.race([result, timeout]);
  } finally {
    done.cancel();
  }
}
