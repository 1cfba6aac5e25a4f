import { HotMeshError } from "@hotmesh/core";

/** A callback ran longer than any lease is kept: its answer does not count and the message is handed out again. */
export class LeaseExpiredError extends HotMeshError {
  override readonly name = "LeaseExpiredError";
  readonly type = "lease";
  readonly deadlineMs: number;
  readonly reservationTimeoutS: number;

  constructor(deadlineMs: number, leaseMs: number) {
    super(
      "lease-expired",
      598,
      `The callback did not end within ${deadlineMs} ms; its lease is not prolonged any more`,
      {
        retryable: true,
      },
    );
    this.deadlineMs = deadlineMs;
    this.reservationTimeoutS = leaseMs / 1_000;
  }
}
