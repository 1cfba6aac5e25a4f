const graphs = `
    - subscribes: work
      expire: 600
      activities:
        workBegin:
          type: trigger
          stats:
            id: '{$self.input.data.id}'
            key: all
            measures:
              - { measure: count, target: '{$self.input.data.topic}' }
              - { measure: index, target: '{$self.input.data.topic}' }
        work:
          type: worker
          topic: '{workBegin.output.data.topic}'
          input: { maps: { id: '{workBegin.output.data.id}' } }
          retry: { '500': [ 2 ] }
          job: { maps: { done: '{$self.output.data.done}' } }
      transitions: { workBegin: [ { to: work } ] }
    - subscribes: nap
      expire: 600
      activities:
        napBegin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        nap: { type: hook, sleep: '{napBegin.output.data.seconds}' }
      transitions: { napBegin: [ { to: nap } ] }
    - subscribes: sign
      expire: 600
      activities:
        signBegin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        sign:
          type: hook
          sleep: '{signBegin.output.data.seconds}'
          escalation: { role: clerk }
          output: { maps: { asked: true } }
      transitions: { signBegin: [ { to: sign } ] }
      hooks:
        signed:
          - to: sign
            conditions: { match: [ { expected: '{signBegin.output.data.id}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: parent
      expire: 600
      activities:
        parentBegin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        child:
          type: await
          topic: work
          input: { maps: { id: '{parentBegin.output.data.child}', topic: '{parentBegin.output.data.topic}' } }
      transitions: { parentBegin: [ { to: child } ] }
    - subscribes: both
      expire: 600
      activities:
        bothBegin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        left: { type: worker, topic: '{bothBegin.output.data.topic}' }
        right: { type: hook, sleep: '{bothBegin.output.data.seconds}' }
        meet: { type: hook, join: all }
      transitions:
        bothBegin: [ { to: left }, { to: right } ]
        left: [ { to: meet } ]
        right: [ { to: meet } ]
`;

/** A document with a graph for every way in which a job can wait. Callers say on which topic work is asked for. */
export const auditedDocument = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:${graphs}`;
