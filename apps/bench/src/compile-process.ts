// A process that has compiled nothing before; its parent asks for one measurement.
import { compileSpeed } from "./compile-speed.js";

process.once("message", ({ activities, runs }: { activities: number; runs: number }) => {
  process.send?.(compileSpeed({ activities, runs }), () => process.disconnect());
});
