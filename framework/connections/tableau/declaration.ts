import { z } from 'zod'
import { DURATION } from '../../lib/duration.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { longText } from '../../ports/fields.ts'

const duration = z.string().regex(DURATION, 'a duration such as 90m or 6h')
const text = longText.min(1)

export const declaration: Declaration = {
  fields: {
    url: text.describe('URL of Tableau: https://10ax.online.tableau.com, or a Tableau Server.'),
    site: longText
      .default('')
      .describe(
        'The site, as in its address behind /site/. Default: the default site of a Tableau Server.',
      ),
    token_name: text.describe('Name of a personal access token, which nothing else uses.'),
    token: text.describe('Secret of that token.'),
    timeout: duration
      .optional()
      .describe('How long to wait for a publication or a refresh. Default: 6h.'),
  },
}
