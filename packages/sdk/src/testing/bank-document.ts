/** Graphs that make the library keep a copy of a card wherever it keeps anything. */
export const bank = (app: string): string => `
app:
  id: ${app}
  version: '1'
  graphs:
${payments}${desks}`;

const payments = `    - subscribes: card.pay
      publishes: card.paid
      expire: 300
      activities:
        order:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          job: { maps: { holder: '{$self.output.data.holder}' } }
        charge:
          type: worker
          topic: card.charge
          retry: { '503': [1] }
          input: { maps: { id: '{order.output.data.id}', card: '{order.output.data.card}' } }
          job: { maps: { receipt: '{$self.output.data.receipt}' } }
        audit:
          type: await
          topic: card.audit
          input: { maps: { card: '{order.output.data.card}' } }
          job: { maps: { seen: '{$self.output.data.seen}' } }
        approve: { type: hook, job: { maps: { proof: '{$self.hook.data.proof}' } } }
      transitions: { order: [ { to: charge } ], charge: [ { to: audit } ], audit: [ { to: approve } ] }
      hooks:
        card.approved:
          - to: approve
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: card.audit
      expire: 300
      activities:
        file: { type: trigger }
        look:
          type: worker
          topic: card.look
          input: { maps: { card: '{file.output.data.card}' } }
          job: { maps: { seen: '{$self.output.data.seen}' } }
      transitions: { file: [ { to: look } ] }
    - subscribes: card.refuse
      expire: 300
      activities:
        try: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        no: { type: worker, topic: card.no, input: { maps: { card: '{try.output.data.card}' } } }
      transitions: { try: [ { to: no } ] }
`;

const desks = `    - subscribes: card.stamp
      expire: 300
      activities:
        lay:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          job: { maps: { card: '{$self.output.data.card}' } }
        ink:
          type: worker
          topic: card.ink
          input: { maps: { id: '{lay.output.data.id}' } }
          job: { maps: { by: '{$self.output.data.by}' } }
      transitions: { lay: [ { to: ink } ] }
    - subscribes: card.ask
      expire: 300
      activities:
        put: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        wait: { type: hook, escalation: { role: clerk }, job: { maps: { proof: '{$self.hook.data.proof}' } } }
      transitions: { put: [ { to: wait } ] }
      hooks:
        card.answered:
          - to: wait
            conditions: { match: [ { expected: '{put.output.data.id}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: card.seal
      expire: 300
      activities:
        come:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          job: { maps: { card: '{$self.output.data.card}' } }
        seal:
          type: worker
          topic: card.wax
          input: { maps: { card: '{come.output.data.card}', id: '{come.output.data.id}' } }
          job: { maps: { by: '{$self.output.data.by}' } }
      transitions: { come: [ { to: seal } ] }
`;
