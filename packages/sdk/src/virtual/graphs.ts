/** The version of {@link virtualDocument}: raised with every change to it. */
export const virtualVersion = "1";
/** Starts one call of a function. */
export const callTopic = "virtual.call";
/** Starts a schedule. */
export const cronTopic = "virtual.cron";

/**
 * The graphs behind the functions of a namespace. A schedule is one job that waits, runs, and is told by the run when
 * to do so again. It has two loops, one in the other, because one loop alone has at most 10,000 turns.
 */
export const virtualDocument = (appId: string): string => `
app:
  id: ${appId}
  version: '${virtualVersion}'
  graphs:
    - subscribes: ${callTopic}
      expire: '{call.output.data.expire}'
      activities:
        call: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work:
          type: worker
          topic: '{call.output.data.topic}'
          input: { maps: { call: '{call.output.data}' } }
          job: { maps: { value: '{$self.output.data.value}' } }
      transitions: { call: [ { to: work } ] }

    - subscribes: ${cronTopic}
      publishes: ${cronTopic}.ended
      expire: 1
      activities:
        plan: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        round: { type: hook, output: { maps: { turn: '{plan.output.data.first}' } } }
        turn: { type: hook, output: { maps: { turn: '{round.output.data.turn}' } } }
        rest: { type: hook, sleep: '{turn.output.data.turn.delay}' }
        run:
          type: worker
          topic: '{plan.output.data.topic}'
          input:
            maps:
              cron: '{plan.output.data}'
              turn: '{turn.output.data.turn}'
        again: { type: cycle, ancestor: turn, input: { maps: { turn: '{run.output.data.turn}' } } }
        anew: { type: cycle, ancestor: round, input: { maps: { turn: '{run.output.data.turn}' } } }
      transitions:
        plan: [ { to: round } ]
        round: [ { to: turn } ]
        turn: [ { to: rest } ]
        rest: [ { to: run } ]
        run:
          - to: again
            conditions: { match: [ { expected: again, actual: '{run.output.data.goTo}' } ] }
          - to: anew
            conditions: { match: [ { expected: anew, actual: '{run.output.data.goTo}' } ] }
`;
