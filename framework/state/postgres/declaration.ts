import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { DEFAULT_SCHEMA } from './index.ts'

export const declaration: Declaration = {
  fields: {
    url: z
      .string()
      .min(1)
      .describe('postgres://user:password@host:port/database; sslmode means what it does to psql.'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a lower-case name of letters, digits and _')
      .default(DEFAULT_SCHEMA)
      .describe('Schema of the tables, made on first use where it is missing.'),
  },
}
