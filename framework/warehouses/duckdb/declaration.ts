import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

export const declaration: Declaration = {
  fields: {
    path: z.string().min(1).describe('The DuckDB file, relative to the project root.'),
    threads: z.coerce
      .number()
      .int()
      .positive()
      .optional()
      .describe('How many threads DuckDB may use; all cores when left out.'),
    memory_limit: z
      .string()
      .regex(/^\d+(\.\d+)?\s*[KMGT]i?B$/i, 'a size such as 2GB or 512MiB')
      .optional()
      .describe('How much memory DuckDB may use, such as 2GB.'),
  },
}
