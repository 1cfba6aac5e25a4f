/** Graphs with whatever an error needs: an id, a check of the payload, statistics, a wait, a worker, a bad mapping. */
export const orchard = (app: string, version = "1"): string => `
app:
  id: ${app}
  version: '${version}'
  graphs:
    - subscribes: tree.plant
      expire: 60
      activities:
        planted: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        grown: { type: hook, hook: { type: object } }
      transitions:
        planted: [ { to: grown } ]
      hooks:
        tree.grown:
          - to: grown
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: fruit.pick
      expire: 60
      input: { validate: true, schema: { type: object, required: [ weight ] } }
      activities:
        picked: { type: trigger }
    - subscribes: fruit.crush
      expire: 60
      activities:
        crushed: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        pressed:
          type: worker
          topic: fruit.press
          input: { maps: { fails: '{crushed.output.data.fails}' } }
      transitions:
        crushed: [ { to: pressed } ]
    - subscribes: fruit.sort
      expire: 60
      activities:
        sorted:
          type: trigger
          job: { maps: { parts: { '@pipe': [ [ '{$self.output.data.kinds}', ',' ], [ '{@string.split}' ] ] } } }
    - subscribes: fruit.label
      expire: 60
      activities:
        labelled:
          type: trigger
          stats: { id: &split { '@pipe': [ [ '{$self.input.data.kinds}', ',' ], [ '{@string.split}' ] ] }, key: *split }
    - subscribes: fruit.weigh
      expire: 60
      activities:
        weighed:
          type: trigger
          stats:
            key: '{$self.input.data.bay}'
            granularity: 5m
            measures: [ { measure: count, target: '{$self.input.data.kind}' } ]
`;
