import { broadcastConformance } from "./laws/broadcast.suite.js";
import { memoryBackend } from "./memory/backend.js";
import { TestClock } from "./test-clock.js";

broadcastConformance({
  name: "memory",
  open: async () => {
    const clock = new TestClock();
    const backend = memoryBackend({ clock });
    return { backend, clock, close: () => backend.close() };
  },
});
