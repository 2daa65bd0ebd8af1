import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const text = z.string().min(1)

export const declaration: Declaration = {
  fields: {
    run: z
      .union([text, z.array(text).min(1)])
      .describe('Program and arguments, or a line for `sh -c`; it runs in the project root.'),
    code: z
      .array(text)
      .optional()
      .describe(
        'Files, folders and globs that it is made of: a change of them is a change of code.',
      ),
    outputs: z
      .array(text)
      .optional()
      .describe(
        'The files that it writes, relative to the root; `{target}` stands for the target.',
      ),
    env: z
      .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'))
      .optional()
      .describe('Environment variables that its result depends on.'),
  },
}
