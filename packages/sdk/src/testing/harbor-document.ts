/** The graphs of the language reference, 16.14, and one whose statistics have slices. */
export const harbor = (app: string): string => `
app:
  id: ${app}
  version: '1'
  graphs:
    - subscribes: buoy.moor
      publishes: buoy.moored
      expire: 60
      activities:
        anchor:
          type: trigger
          stats:
            id: '{$self.input.data.buoy}'
            key: '{$self.input.data.bay}'
            granularity: infinity
            measures:
              - { measure: index, target: '{$self.input.data.color}' }
              - { measure: count, target: '{$self.input.data.color}' }
        bob:
          type: hook
          hook: { type: object }
          job: { maps: { tide: '{$self.hook.data.tide}', heard: '{$self.hook.data.id}' } }
      transitions:
        anchor: [ { to: bob } ]
      hooks:
        buoy.call:
          - to: bob
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }

    - subscribes: harbor.announce
      expire: 60
      activities:
        horn: { type: trigger }
        blast:
          type: signal
          subtype: all
          topic: buoy.call
          key_name: color
          key_value: '{horn.output.data.color}'
          resolver: { maps: { data: { bay: '{horn.output.data.bay}' } } }
          signal: { maps: { tide: '{horn.output.data.tide}' } }
          job: { maps: { announced: true } }
      transitions:
        horn: [ { to: blast } ]

    - subscribes: crane.lift
      expire: 60
      activities:
        hook_on:
          type: trigger
          stats:
            id: '{$self.input.data.id}'
            key: all
            granularity: 1h
            measures:
              - { measure: sum, target: '{$self.input.data.kg}' }
              - { measure: avg, target: '{$self.input.data.kg}' }
              - { measure: mdn, target: '{$self.input.data.kg}' }
`;
