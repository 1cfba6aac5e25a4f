import { startEmbedded } from "@hotmesh/store-postgres/embedded";

/**
 * Runs an example on a PostgreSQL: the one whose address is the first argument or in HOTMESH_TEST_POSTGRES_URL, or a
 * private one that is gone afterwards.
 */
export async function withPostgres(example: (url: string) => Promise<void>): Promise<void> {
  const given = process.argv[2] ?? process.env["HOTMESH_TEST_POSTGRES_URL"];
  if (given) return example(given);
  const server = await startEmbedded();
  try {
    await example(server.url);
  } finally {
    await server.stop();
  }
}
