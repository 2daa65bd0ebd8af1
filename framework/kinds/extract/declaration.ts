import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { label, longText, pathField } from '../../ports/fields.ts'

const names = z.array(label)

export const declaration: Declaration = {
  fields: {
    to: pathField('written', 'The file to write. `{target}` is replaced by the target name.'),
    query: longText
      .min(1)
      .optional()
      .describe(
        'The SQL query whose rows are written. `{asset}`, the name of a dependency in braces, is replaced by its relation.',
      ),
    from: label
      .optional()
      .describe(
        'The table or view to write: a dependency, or `schema.table`. Default: the only dependency.',
      ),
    columns: names.min(1).optional().describe('The columns to write, in this order. Default: all.'),
    order_by: names
      .optional()
      .describe('The order of the rows: column names, each optionally followed by `desc`.'),
    format: z
      .enum(['csv', 'parquet', 'hyper'])
      .optional()
      .describe('The format of the file. Default: the extension of `to`.'),
  },
}
