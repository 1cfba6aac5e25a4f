import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", embedded: "src/embedded/index.ts" },
  format: ["esm", "cjs"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "node20",
  // import.meta.url, by which files beside the code are found, in the CommonJS build too.
  shims: true,
});
