import type { QuorumCallback, QuorumMessage, QuorumProfile, ThrottleOptions } from "@hotmesh/quorum";

/**
 * Commanding and leaving the mesh; instances without an engine can, too. After `stop`, all reject with kind `stopped`.
 */
export interface MeshCalls {
  /**
   * The profiles of the members of the mesh: each engine and each worker tells what it does and how its machine is.
   *
   * @param delay Milliseconds to wait for answers: 250 unless given. Slower members are missing.
   */
  rollCall(delay?: number): Promise<QuorumProfile[]>;

  /**
   * Slows down or pauses engines and workers. No message is lost, and members that join later obey as well.
   *
   * @param options `throttle` is the number of milliseconds between two messages, 0 removes it, -1 pauses. `topic`,
   * `guid` and `scope` name whom it is for: the whole mesh unless given.
   * @returns True: the command is stored and sent.
   * @throws `HotMeshError` of kind `invalid-argument` (400).
   *
   * @example
   * ```ts
   * await hotMesh.throttle({ throttle: -1, topic: "parcel.weigh" });
   * ```
   */
  throttle(options: ThrottleOptions): Promise<boolean>;

  /**
   * Sends a message to every member of the mesh. One of type `throttle` is a call of `throttle`.
   *
   * @param message Its `type` says what it is; most are for members, `user` is for the application.
   * @returns True once it is sent. Members that are not connected do not get it.
   * @throws `HotMeshError` of kind `invalid-argument` (400) for a message without a known type, or with wrong fields.
   *
   * @example
   * ```ts
   * await hotMesh.pubQuorum({ type: "user", topic: "prices", message: { reload: true } });
   * ```
   */
  pubQuorum(message: QuorumMessage): Promise<boolean>;

  /**
   * Hears every message of the mesh, its own included, and of jobs as messages of type `job`. The callback gets the
   * name of the channel and the message; one that throws or rejects is logged.
   *
   * @param callback Called with each message.
   */
  subQuorum(callback: QuorumCallback): Promise<void>;

  /**
   * Removes a callback that was given to `subQuorum`. An unknown one is no error.
   *
   * @param callback The same function.
   */
  unsubQuorum(callback: QuorumCallback): Promise<void>;

  /**
   * Leaves the mesh: nothing more is claimed, callbacks that run have `drainMs` of the configuration (5,000 ms) to end,
   * and what is still open is given back to the other members. Connections that the library has opened are closed,
   * unless other instances share them. Calling it twice is harmless. `HotMesh.stop` does it for all.
   */
  stop(): Promise<void>;
}
