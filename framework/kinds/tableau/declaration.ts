import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { label, longLabel } from '../../ports/fields.ts'

export const declaration: Declaration = {
  fields: {
    connection: label.describe(
      'A connection of type tableau. On targets that do not have it, nothing is refreshed.',
    ),
    refresh: z
      .union([
        z.strictObject({ datasource: label.describe('The name of a published data source.') }),
        z.strictObject({ workbook: label.describe('The name of a workbook with an extract.') }),
      ])
      .describe('What to refresh: `{datasource: NAME}` or `{workbook: NAME}`.'),
    project: longLabel
      .optional()
      .describe('Its project, by name or path. Needed if several have the name.'),
  },
  without: {
    keys: ['data_version', 'volatile_columns', 'on_drift', 'on_code'],
    because: 'Tableau does not show what it has read',
  },
}
