import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const column = z.string().min(1)

export const declaration: Declaration = {
  fields: {
    connection: z
      .string()
      .min(1)
      .describe('The connection of the target through which the stream arrives.'),
    stream: z.string().min(1).describe('The table or view in the source.'),
    namespace: z
      .string()
      .min(1)
      .optional()
      .describe("Its schema in the source; the connection's when left out."),
    sync: z
      .enum(['full_refresh', 'incremental_append', 'incremental_dedup'])
      .optional()
      .describe(
        'Replace all rows, add new ones, or keep one row for each key (default full_refresh).',
      ),
    primary_key: z
      .array(column)
      .min(1)
      .optional()
      .describe('The columns that name a row; incremental_dedup needs them.'),
    cursor: column
      .optional()
      .describe('A column that grows with every change; only rows beyond its last value are read.'),
    columns: z.array(column).min(1).optional().describe('Load only these columns.'),
    exclude: z.array(column).min(1).optional().describe('Load all columns but these.'),
  },
}
