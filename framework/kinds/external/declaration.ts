import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

export const declaration: Declaration = {
  fields: {
    path: z
      .string()
      .min(1)
      .optional()
      .describe('The file that somebody else writes, relative to the project root.'),
    relation: z
      .string()
      .regex(/^[^.]+\.[^.]+$/, '`schema.table`')
      .optional()
      .describe('The table or view that somebody else builds in the warehouse, `schema.table`.'),
  },
}
