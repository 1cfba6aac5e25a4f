import type { Mesh } from "./mesh.js";

/** What live instances are made of, for those who need more than the instance's own methods. */
export const meshes = new WeakMap<object, Mesh>();
