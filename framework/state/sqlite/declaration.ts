import { z } from 'zod'
import type { Declaration } from '../../ports/declaration.ts'
import { history } from '../history-field.ts'
import { DEFAULT_PATH } from './index.ts'

export const declaration: Declaration = {
  fields: {
    path: z
      .string()
      .min(1)
      .default(DEFAULT_PATH)
      .describe('Path of the SQLite file, relative to the project root.'),
    history,
  },
}
