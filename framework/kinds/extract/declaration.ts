import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const names = z.array(z.string().min(1))

export const declaration: Declaration = {
  fields: {
    to: z
      .string()
      .min(1)
      .describe(
        'The file to write, relative to the project root. `{target}` is replaced by the target name.',
      ),
    query: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The SQL query whose rows are written. `{asset}`, the name of a dependency in braces, is replaced by its relation.',
      ),
    from: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The table or view to write: a dependency, or `schema.table`. Default: the only dependency.',
      ),
    columns: names.min(1).optional().describe('The columns to write, in this order. Default: all.'),
    order_by: names
      .optional()
      .describe('The order of the rows: column names, each optionally followed by `desc`.'),
    format: z
      .enum(['csv', 'parquet'])
      .optional()
      .describe('The format of the file. Default: the extension of `to`.'),
  },
}
