import type { Declaration } from '../../ports/declaration.ts'
import { longLabel, pathField } from '../../ports/fields.ts'

const RELATION = /^(?:(?:"[^"]+"|[^."]+)\.){1,2}(?:"[^"]+"|[^."]+)$/

export const declaration: Declaration = {
  fields: {
    path: pathField(
      'anywhere',
      'The file, written by another system. Several files are one pattern: `data/*.csv`. Of a URL, such as `s3://bucket/a.parquet`, nothing proves that it did not change, so its readers are built in each run. `{target}` is replaced by the target name.',
      'url',
    ).optional(),
    relation: longLabel
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
