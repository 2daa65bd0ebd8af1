import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { pathField } from '../../ports/fields.ts'

export const declaration: Declaration = {
  fields: {
    path: pathField('anywhere', 'The DuckDB file.'),
    threads: z.coerce
      .number()
      .int()
      .positive()
      .optional()
      .describe('Number of threads that DuckDB may use. Default: all cores.'),
    memory_limit: z
      .string()
      .regex(/^\d+(\.\d+)?\s*[KMGT]i?B$/i, 'must be a size such as 2GB or 512MiB')
      .optional()
      .describe('Memory that DuckDB may use, such as 2GB.'),
  },
}
