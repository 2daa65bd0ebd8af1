import type { Declaration } from '../../ports/declaration.ts'
import { longLabel } from '../../ports/fields.ts'

export const declaration: Declaration = {
  fields: {
    model: longLabel
      .optional()
      .describe(
        "The dbt model, seed, snapshot or function: `name`, `name.v2`, `package.name` or dbt's unique_id. Default: the name of the asset.",
      ),
  },
}
