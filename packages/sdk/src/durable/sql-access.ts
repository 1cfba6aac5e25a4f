import { HotMeshError } from "@hotmesh/core";
import type { PostgresBackend } from "@hotmesh/store-postgres";
import { backends } from "../backends.js";
import type { AnyBackend } from "../config.js";

/** The storage of an instance, where it is PostgreSQL. `call`: who needs it, for the error. */
export function postgresOf(hotMesh: object, call: string): PostgresBackend {
  const backend = backends.get(hotMesh);
  if (backend !== undefined && isPostgres(backend)) return backend;
  throw new HotMeshError("invalid-argument", `${call} needs a HotMesh instance on PostgreSQL`);
}

function isPostgres(backend: AnyBackend): backend is AnyBackend & PostgresBackend {
  return "entities" in backend;
}
