import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { history } from '../history-field.ts'
import { DEFAULT_SCHEMA } from './index.ts'

export const declaration: Declaration = {
  fields: {
    url: z
      .string()
      .min(1)
      .describe(
        'URL such as postgres://user:password@host:5432/database. sslmode has the same meaning as in psql; without it the connection is not encrypted.',
      ),
    schema: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_]{0,62}$/,
        'must consist of lower-case letters, digits and _, and not begin with a digit',
      )
      .default(DEFAULT_SCHEMA)
      .describe('Schema of the tables. Created at the first use if it is missing.'),
    history,
  },
}
