import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { label, longText, pathField } from '../../ports/fields.ts'

const text = longText.min(1)

export const declaration: Declaration = {
  fields: {
    run: z
      .union([text, z.array(text).min(1)])
      .describe(
        'The program and its arguments as a list, or one line for `sh -c`. It runs in the project root.',
      ),
    code: z
      .array(pathField('anywhere', 'A file, a folder or a glob.'))
      .optional()
      .describe(
        'The files, folders and globs that hold its code. A change to them makes the asset stale.',
      ),
    outputs: z
      .array(pathField('written', 'A file that it writes.'))
      .optional()
      .describe('The files that it writes. `{target}` is replaced by the target name.'),
    env: z
      .array(label.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'))
      .optional()
      .describe(
        'The environment variables that its result depends on. A change of a value makes the asset stale.',
      ),
  },
}
