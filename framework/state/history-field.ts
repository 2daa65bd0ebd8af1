import { z } from 'zod'
import { DURATION } from '../lib/duration.ts'

/** The key `history` of every state. Only declarations import it, because of zod. */
export const history = z
  .string()
  .regex(DURATION, 'must be a duration such as 90d or 12h')
  .default('90d')
  .describe(
    'How long runs and their steps are kept, such as 90d. The newest 100 runs and all records are always kept.',
  )
