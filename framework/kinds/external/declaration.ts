import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

export const declaration: Declaration = {
  fields: {
    path: z
      .string()
      .min(1)
      .optional()
      .describe('The file that another program writes, relative to the project root.'),
    relation: z
      .string()
      .regex(/^[^.]+\.[^.]+$/, '`schema.table`')
      .optional()
      .describe(
        'The table or view in the warehouse that another program builds, as `schema.table`.',
      ),
  },
  without: {
    keys: ['freshness', 'on_drift', 'on_code', 'code_version', 'retries', 'timeout', 'pool'],
    because: 'assets does not build it',
  },
}
