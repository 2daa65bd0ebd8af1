import { z } from 'zod'
import { CHART_COMBINES, CHART_FORMATS, CHART_TYPES } from '../../model/chart.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { label, longLabel, longText, pathField } from '../../ports/fields.ts'

const names = z.array(label)
const format = z.enum(['csv', 'parquet', 'hyper'])

/** One value for every column of `y`, or one for each by its name. */
const forColumns = <T extends z.ZodType>(value: T) => z.union([value, z.record(label, value)])

const chart = z.strictObject({
  type: z
    .enum(CHART_TYPES)
    .optional()
    .describe(
      'line: over time. column: upright bars, for a few periods. bar: lying bars with names. number: large numbers. table: the rows. Default: what the columns suggest.',
    ),
  title: longLabel
    .optional()
    .describe('What the chart answers, as a question. Default: the description of the asset.'),
  x: label.optional().describe('The column with the times or the names.'),
  y: z
    .union([label, names.min(1)])
    .optional()
    .describe('The column with the numbers, or several. In a table, its further columns.'),
  series: label
    .optional()
    .describe('A column with a few values. Each gets its own line, or its own block of bars.'),
  partial: label
    .optional()
    .describe(
      'A boolean column that is true for a period with incomplete data. Such a period is drawn hollow or dashed.',
    ),
  sort: label
    .optional()
    .describe(
      'The column that orders bars and rows, optionally followed by `desc`. Default: as in the file.',
    ),
  top: z
    .int()
    .min(1)
    .max(200)
    .optional()
    .describe('Draws so many bars or rows. The table beside the chart has the others too.'),
  max: forColumns(z.number().positive())
    .optional()
    .describe(
      'Where the axis of the numbers ends, such as 100 for a share. For all of `y`, or by column. Default: the largest number.',
    ),
  combine: forColumns(z.enum(CHART_COMBINES))
    .optional()
    .describe(
      'Makes one of the rows with the same `x` and `series`, or of all if there is neither. For all of `y`, or by column: `{customer_id: count, revenue: sum}`.',
    ),
  format: forColumns(z.enum(CHART_FORMATS))
    .optional()
    .describe(
      'How numbers are written: money 1,234.50, percent 12.3 %, count 1,234, decimal with two digits at most behind the point. For all of `y`, or by column.',
    ),
  unit: forColumns(label)
    .optional()
    .describe('The unit of the numbers, such as `days` or `EUR`. For all of `y`, or by column.'),
  label: z
    .record(label, label)
    .optional()
    .describe('Columns in plain words: `{avg_days_kept: Days kept}`.'),
})

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
    chart: chart
      .optional()
      .describe(
        'How `assets ui` draws the rows. It is no code: a change of it makes nothing stale. Default: what the columns suggest.',
      ),
  },
}
