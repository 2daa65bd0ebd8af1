import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

export const declaration: Declaration = {
  fields: {
    url: z
      .string()
      .min(1)
      .default('embedded')
      .describe('postgres://user:password@host:port/database, or `embedded`.'),
    embedded: z
      .strictObject({
        init: z
          .array(z.string().min(1))
          .min(1)
          .describe('SQL files that make the embedded source, in order, relative to the project.'),
        settings: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
          .optional()
          .describe('PostgreSQL settings that those files read, such as sample.scale.'),
      })
      .optional()
      .describe('How the embedded source is made; looked at only when url is `embedded`.'),
    schema: z
      .string()
      .min(1)
      .optional()
      .describe('Schema of streams that name no namespace; public when left out.'),
    target_schema: z
      .string()
      .min(1)
      .optional()
      .describe('Schema of the raw tables in the warehouse; raw when left out.'),
    sessions: z
      .number()
      .int()
      .min(1)
      .max(8)
      .optional()
      .describe('How many sessions read at once from a server; 2 when left out.'),
  },
}
