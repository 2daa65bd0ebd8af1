import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { label, longLabel, longText, pathField } from '../../ports/fields.ts'

const names = z.array(label)
const format = z.enum(['csv', 'parquet', 'hyper'])

export const declaration: Declaration = {
  fields: {
    to: pathField(
      'written',
      'The file to write. `{target}` is replaced by the target name, `{format}` by the format.',
    ),
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
      .union([format, z.record(label, format)])
      .optional()
      .describe(
        'The format of the file, or one for each target: `{prod: hyper, default: csv}`. Default: the extension of `to`.',
      ),
    publish: z
      .strictObject({
        connection: label.describe(
          'A connection of type tableau. On targets that do not have it, nothing is published.',
        ),
        project: longLabel.describe(
          'The project there: its name, or its path, `Finance/Reports`. `{target}` is replaced by the target name, also in `name`.',
        ),
        name: label
          .optional()
          .describe('The name of the data source. Default: the file name without its extension.'),
        mode: z
          .enum(['create', 'overwrite'])
          .optional()
          .describe(
            'create (the default): a data source that was never published from here is kept, and is a problem. overwrite: it is replaced.',
          ),
      })
      .optional()
      .describe('Publishes the file as a data source, if its rows changed.'),
  },
}
