import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const RELATION = /^(?:(?:"[^"]+"|[^."]+)\.){1,2}(?:"[^"]+"|[^."]+)$/

export const declaration: Declaration = {
  fields: {
    path: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The file, written by another system; relative to the project root. Several files are one pattern: `data/*.csv`. Of a URL, such as `s3://bucket/a.parquet`, nothing proves that it did not change, so its readers are built in each run. `{target}` is replaced by the target name.',
      ),
    relation: z
      .string()
      .regex(RELATION, 'must be `schema.table` or `database.schema.table`')
      .optional()
      .describe(
        'The table or view in the warehouse, built by another system: `schema.table`, or `database.schema.table` in another database than that of the target. A name with a dot in it is in double quotes.',
      ),
  },
  without: {
    keys: ['freshness', 'on_drift', 'on_code', 'code_version', 'retries', 'timeout', 'pool'],
    because: 'assets does not build it',
  },
}
