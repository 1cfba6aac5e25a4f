import { hostileMappings } from "./hostile-mappings.suite.js";

hostileMappings(100_000);
