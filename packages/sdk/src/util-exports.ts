// What `Utils` has.
export { parseSeconds, timeText } from "@hotmesh/core";
