/** A document of one graph with so many activities: stages of four, each a worker, a hook, a fork of two and a join. */
export function generatedDocument(activities: number): string {
  const ids = Array.from({ length: activities - 1 }, (_, index) => `a${index + 1}`);
  return `
app:
  id: generated
  version: '1'
  graphs:
    - subscribes: generated.run
      activities:
        a0: { type: trigger, stats: { id: '{$self.input.data.id}' } }
${ids.map((id, index) => `        ${id}: ${activity(index)}`).join("\n")}
      transitions:
${ids.map((id, index) => transition(id, index, ids[index + 1])).join("\n")}
`;
}

function activity(index: number): string {
  const before = `{a${index}.output.data.n}`;
  const sum = `{ '@pipe': [ ['${before}', ${index}], ['{@math.add}'] ] }`;
  switch (index % 4) {
    case 0:
      return (
        `{ type: worker, topic: generated.work, input: { maps: { n: ${sum} } }, ` +
        `job: { maps: { w${index}: '{$self.output.data.n}' } } }`
      );
    case 1:
      return `{ type: hook, output: { maps: { n: ${sum} } } }`;
    case 2:
      return `{ type: hook, output: { maps: { n: '${before}' } }, job: { maps: { h${index}: '${before}' } } }`;
    default:
      return "{ type: hook, join: all, output: { maps: { n: '{a0.output.data.n}' } } }";
  }
}

/** Each activity leads to the next; the second of a stage also to the one after, which joins the two ways. */
function transition(id: string, index: number, afterNext: string | undefined): string {
  const edges = index % 4 === 2 && afterNext !== undefined ? [id, afterNext] : [id];
  return `        a${index}: [${edges.map((to) => `{ to: ${to}, conditions: { code: 200 } }`).join(", ")}]`;
}
