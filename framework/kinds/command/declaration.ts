import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'

const text = z.string().min(1)

export const declaration: Declaration = {
  fields: {
    run: z
      .union([text, z.array(text).min(1)])
      .describe(
        'The program and its arguments as a list, or one line for `sh -c`. It runs in the project root.',
      ),
    code: z
      .array(text)
      .optional()
      .describe(
        'The files, folders and globs that hold its code. A change to them makes the asset stale.',
      ),
    outputs: z
      .array(text)
      .optional()
      .describe(
        'The files that it writes, relative to the project root. `{target}` is replaced by the target name.',
      ),
    env: z
      .array(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
      )
      .optional()
      .describe(
        'The environment variables that its result depends on. A change of a value makes the asset stale.',
      ),
  },
}
