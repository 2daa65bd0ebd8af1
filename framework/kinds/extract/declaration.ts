import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const names = z.array(z.string().min(1))

export const declaration: Declaration = {
  fields: {
    to: z
      .string()
      .min(1)
      .describe(
        'The file to write, relative to the project root; `{target}` stands for the target.',
      ),
    query: z
      .string()
      .min(1)
      .optional()
      .describe('SQL whose rows are written; `{asset}` stands for the relation of a dependency.'),
    from: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The dependency, or `schema.table`, that is written; the only dependency by default.',
      ),
    columns: names.min(1).optional().describe('The columns to write, in order; all by default.'),
    order_by: names
      .optional()
      .describe('The order of rows: column names, each with an optional `desc`.'),
    format: z
      .enum(['csv', 'parquet'])
      .optional()
      .describe('By default what the name of the file ends in.'),
  },
}
