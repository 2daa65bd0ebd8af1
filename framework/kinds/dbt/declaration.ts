import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

export const declaration: Declaration = {
  fields: {
    model: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The dbt model, seed, snapshot or function: `name`, `name.v2`, `package.name` or dbt's unique_id. Default: the name of the asset.",
      ),
  },
}
