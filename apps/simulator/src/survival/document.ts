/** What every job of a storm does: two steps of work, a timer, a child and a signal, so that it waits in every way. */
export const stormDocument = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: order
      expire: 86400
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        press: { type: worker, topic: press, input: { maps: { id: '{begin.output.data.id}' } },
                 job: { maps: { press: '{$self.output.data.nonce}' } } }
        rest: { type: hook, sleep: 0.05 }
        label:
          type: await
          topic: label
          input: { maps: { id: { '@pipe': [ ['{begin.output.data.id}', /label], ['{@string.concat}'] ] } } }
          job: { maps: { label: '{$self.output.data.stick}' } }
        gate: { type: hook }
        pack: { type: worker, topic: pack, input: { maps: { id: '{begin.output.data.id}' } },
                job: { maps: { pack: '{$self.output.data.nonce}' } } }
      transitions:
        begin: [ { to: press } ]
        press: [ { to: rest } ]
        rest: [ { to: label } ]
        label: [ { to: gate } ]
        gate: [ { to: pack } ]
      hooks:
        gate.open:
          - to: gate
            conditions: { match: [ { expected: '{begin.output.data.id}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: label
      expire: 86400
      activities:
        blank: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        stick: { type: worker, topic: stick, input: { maps: { id: '{blank.output.data.id}' } },
                 job: { maps: { stick: '{$self.output.data.nonce}' } } }
      transitions: { blank: [ { to: stick } ] }
`;

/** The activities of an order, each of which every job passes once. */
export const orderActivities = ["begin", "gate", "label", "pack", "press", "rest"] as const;
/** Those of its child. */
export const labelActivities = ["blank", "stick"] as const;
/** Topics of work. */
export const workTopics = ["press", "stick", "pack"] as const;
