/**
 * How the members of a mesh find, count and command each other.
 *
 * @module @hotmesh/quorum
 */

export { quorumChannel } from "@hotmesh/core";
export { type ActivateOptions, activate } from "./activate.js";
export { Attendance, type AttendanceOptions, type Attendant } from "./attendance.js";
export {
  type ActivateMessage,
  type CronMessage,
  type DuressMessage,
  isQuorumMessage,
  type JobMessage,
  messageDefects,
  type PingMessage,
  type PongMessage,
  type QuorumMessage,
  type RollCallMessage,
  type ThrottleMessage,
  type UserMessage,
  type WorkMessage,
} from "./message.js";
export { type MemberState, type Observation, observe, type Reply } from "./observe.js";
export type { NetworkStat, QuorumProfile, SystemHealth } from "./profile.js";
export { type Member, Quorum, type QuorumCallback, type QuorumOptions } from "./quorum.js";
export { throttle } from "./throttle.js";
export { type ThrottleOptions, throttleFor, throttleRule } from "./throttle-rule.js";
