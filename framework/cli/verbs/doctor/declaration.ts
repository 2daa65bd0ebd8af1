import { targetOption } from '../../options.ts'
import { defineVerb } from '../../verb.ts'

export const doctor = defineVerb({
  name: 'doctor',
  summary: 'Check what a target needs: logins, privileges, versions, clocks, disks, slots',
  arguments: {},
  options: targetOption,
  json: ['assets/doctor/1'],
  run: async (context, output, { target }) => {
    const { doctor } = await import('./index.ts')
    return doctor(context, output, { target })
  },
})
