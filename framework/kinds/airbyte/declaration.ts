import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { label } from '../../ports/fields.ts'

export const declaration: Declaration = {
  fields: {
    connection: label.describe(
      "Name of the connection, from the target's `connections`, that loads the stream.",
    ),
    stream: label.describe('Name of the table or view in the source.'),
    namespace: label
      .optional()
      .describe("Schema of the stream in the source. Default: the connection's `schema`."),
    sync: z
      .enum(['full_refresh', 'incremental_append', 'incremental_dedup'])
      .optional()
      .describe(
        'How rows are loaded: replace all, append new rows, or keep one row for each key. Default: full_refresh.',
      ),
    primary_key: z
      .array(label)
      .min(1)
      .optional()
      .describe('Columns that identify a row. Required for incremental_dedup.'),
    cursor: label
      .optional()
      .describe(
        'Column whose value grows with every change. An incremental sync reads only rows from its last value on.',
      ),
    columns: z.array(label).min(1).optional().describe('Columns to load. Default: all.'),
    exclude: z.array(label).min(1).optional().describe('Columns to leave out.'),
  },
}
