import { HotMeshError } from "@hotmesh/core";

/** A worker may not answer any more what it was handed out: the answer does not count, and others get the message. */
export class LeaseExpiredError extends HotMeshError {
  override readonly name = "LeaseExpiredError";
  readonly type = "lease";
  /** How long the callback was given. */
  readonly deadlineMs: number;
  /** For how many seconds a message is leased at a time. */
  readonly reservationTimeoutS: number;

  constructor(message: string, { deadlineMs, leaseMs }: { readonly deadlineMs: number; readonly leaseMs: number }) {
    super("lease-expired", message);
    this.deadlineMs = deadlineMs;
    this.reservationTimeoutS = leaseMs / 1_000;
  }

  /** The callback ran longer than any lease is kept. */
  static capped(deadlineMs: number, leaseMs: number): LeaseExpiredError {
    const hint = "raise HMSH_RESERVATION_TIMEOUT_MAX_S, or answer pending and add the result later";
    const message = `The callback did not end within ${deadlineMs} ms, so its answer does not count; ${hint}`;
    return new LeaseExpiredError(message, { deadlineMs, leaseMs });
  }

  /** The worker was stopped, and did not wait for the callback any longer: others get the message. */
  static stopped(deadlineMs: number, leaseMs: number): LeaseExpiredError {
    const why = `the worker was stopped, and the callback did not end within ${deadlineMs} ms`;
    const message = `The callback's answer does not count: ${why}`;
    return new LeaseExpiredError(message, { deadlineMs, leaseMs });
  }

  /** The lease was gone before it could be extended: the job was ended, or this process was slow to extend it. */
  static lost(leaseMs: number): LeaseExpiredError {
    const why = "its job was ended, or the lease was not extended in time";
    const message = `The lease of ${leaseMs} ms is gone, so the callback's answer does not count: ${why}`;
    return new LeaseExpiredError(message, { deadlineMs: leaseMs, leaseMs });
  }
}
