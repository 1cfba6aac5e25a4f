import { requestConformance } from "./laws/request.suite.js";
import { memoryBackend } from "./memory/backend.js";
import { TestClock } from "./test-clock.js";

requestConformance({
  name: "memory",
  open: async () => {
    const clock = new TestClock();
    const backend = memoryBackend({ clock });
    return { backend, clock, close: () => backend.close() };
  },
});
