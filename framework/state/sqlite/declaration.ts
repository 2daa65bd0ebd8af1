import type { Declaration } from '../../ports/declaration.ts'
import { pathField } from '../../ports/fields.ts'
import { history } from '../history-field.ts'
import { DEFAULT_PATH } from './index.ts'

export const declaration: Declaration = {
  fields: {
    path: pathField('anywhere', 'The SQLite file.').default(DEFAULT_PATH),
    history,
  },
}
