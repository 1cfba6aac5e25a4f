import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", hotmesh: "src/doctor/main.ts" },
  format: ["esm", "cjs"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "node20",
});
