import { hostileMappings } from "./hostile-mappings.suite.js";

hostileMappings(1_000);
