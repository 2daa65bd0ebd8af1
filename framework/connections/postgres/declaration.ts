import { z } from 'zod'
import { TARGET_SCHEMA_HELP } from '../../model/raw-relation.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { label, pathField } from '../../ports/fields.ts'

export const declaration: Declaration = {
  fields: {
    url: z
      .string()
      .min(1)
      .default('embedded')
      .describe(
        'URL of the source, postgres://user:password@host:port/database, or `embedded` for a PostgreSQL that assets runs itself. sslmode has the same meaning as in psql, also if it is missing: TLS if the server offers it. A pooler must pool transactions or sessions.',
      ),
    embedded: z
      .strictObject({
        init: z
          .array(pathField('anywhere', 'An SQL file.'))
          .min(1)
          .describe('SQL files that create the source, run in order.'),
        settings: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
          .optional()
          .describe('PostgreSQL settings that the SQL files read, such as sample.scale.'),
      })
      .optional()
      .describe('How the embedded source is created. Only used if url is `embedded`.'),
    schema: label
      .optional()
      .describe('Source schema of streams without a namespace. Default: public.'),
    target_schema: label.optional().describe(TARGET_SCHEMA_HELP),
    sessions: z
      .number()
      .int()
      .min(1)
      .max(8)
      .optional()
      .describe(
        'Number of sessions that read from the server at once. Default: 2. Set 1 if the url leads to several servers.',
      ),
  },
}
