/** Graphs of the language reference, chapter 16, whose stories are told by a whole mesh: 16.21, 16.24 and 16.25. */
export const specex = (app: string): string => `
app:
  id: ${app}
  version: '1'
  graphs:
    - subscribes: vault.crack
      expire: 60
      activities:
        plan: { type: trigger }
        drill:
          type: worker
          topic: vault.drill
          retry: { '503': [2] }
          input: { maps: { code: '{plan.output.data.code}' } }
          job: { maps: { depth: '{$self.output.data.depth}' } }
      transitions:
        plan: [ { to: drill } ]
    - subscribes: oven.slow
      publishes: oven.served
      expire: 60
      activities:
        order2: { type: trigger, stats: { id: '{$self.input.data.oid}' } }
        cook:
          type: worker
          topic: oven.cook
          input: { maps: { dish: '{order2.output.data.dish}' } }
          job: { maps: { pct: '{$self.output.data.pct}' } }
        tell: { type: hook, job: { maps: { told: '{cook.output.data.pct}' } } }
        serve: { type: hook, job: { maps: { served: true } } }
      transitions:
        order2: [ { to: cook } ]
        cook:
          - { to: tell, conditions: { code: 202 } }
          - { to: serve, conditions: { code: 200 } }
    - subscribes: badge.echo
      publishes: badge.echoed
      expire: 60
      activities:
        tap: { type: trigger, stats: { id: '{$self.input.data.id}', key: lobby } }
        read:
          type: hook
          job:
            maps:
              jid: '{$job.metadata.jid}'
              key: '{$job.metadata.key}'
              tpc: '{$job.metadata.tpc}'
              app: '{$job.metadata.app}'
              vrs: '{$job.metadata.vrs}'
              aid: '{$job.metadata.aid}'
              js: '{$job.metadata.js}'
              keep: '{$job.metadata.expire}'
              from: '{tap.output.metadata.dad}'
      transitions:
        tap: [ { to: read } ]
`;

const damRule = `
      hooks:
        dam.open:
          - to: hold
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.dam}' } ] }
`;

/** Version 1 of the dam of 16.28. */
export const firstDam = (app: string): string => `
app:
  id: ${app}
  version: '1'
  graphs:
    - subscribes: dam.guard
      expire: 60
      activities:
        fill: { type: trigger, stats: { id: '{$self.input.data.dam}' }, job: { maps: { v: one } } }
        hold: { type: hook, job: { maps: { sig: '{$self.hook.data.by}' } } }
        after: { type: hook, job: { maps: { after: one } } }
      transitions:
        fill: [ { to: hold } ]
        hold: [ { to: after } ]${damRule}`;

/** Version 2, whose jobs have one activity more. */
export const secondDam = (app: string): string => `
app:
  id: ${app}
  version: '2'
  graphs:
    - subscribes: dam.guard
      expire: 60
      activities:
        fill: { type: trigger, stats: { id: '{$self.input.data.dam}' }, job: { maps: { v: two } } }
        hold: { type: hook, job: { maps: { sig: '{$self.hook.data.by}', extra: n2 } } }
        after: { type: hook, job: { maps: { after: two } } }
        tail: { type: hook, job: { maps: { tail: two } } }
      transitions:
        fill: [ { to: hold } ]
        hold: [ { to: after } ]
        after: [ { to: tail } ]${damRule}`;

/** Version 3, in which nobody guards dams. */
export const noDam = (app: string): string => `
app:
  id: ${app}
  version: '3'
  graphs:
    - subscribes: well.dig
      activities:
        dig: { type: trigger }
`;
