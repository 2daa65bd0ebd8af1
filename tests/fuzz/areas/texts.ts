import { parseBytes } from '../../../framework/lib/bytes.ts'
import { closest } from '../../../framework/lib/did-you-mean.ts'
import { parseDuration } from '../../../framework/lib/duration.ts'
import { nameGlob, pathGlob } from '../../../framework/lib/glob.ts'
import { relationParts } from '../../../framework/model/relation-name.ts'
import { maskSecrets } from '../../../framework/report/mask-secrets.ts'
import { viewsThatRead } from '../../../framework/warehouses/view-sources.ts'
import type { Area } from '../area.ts'
import { mixWords } from '../mutate.ts'

const WORDS = [
  ...[
    'a',
    'b',
    '*',
    '**',
    '**/',
    '?',
    '[a-c]',
    '[!a]',
    '[',
    ']',
    '!',
    '-',
    '/',
    '.',
    '"',
    '""',
    '1d',
    '2h',
    '5',
    'GB',
    ' ',
  ],
  ...[
    'select ',
    ' from ',
    '(',
    ')',
    'with ',
    ' as ',
    "'",
    '$$',
    '/*',
    '--',
    '\n',
    ',',
    'password=',
    'token: ',
    'union ',
  ],
]

/** Small texts of all kinds: patterns, names of relations, durations, sizes, lines with secrets, SQL of views. */
export const texts: Area = {
  name: 'texts',
  input: (random) => mixWords(random, WORDS).repeat(random.chance(0.003) ? 200 : 1),
  read: (input) => {
    nameGlob(input)(input)
    pathGlob(input)('a/b/c.sql')
    relationParts(input)
    parseDuration(input)
    parseBytes(input)
    closest(input, ['a', `${input}b`, input.slice(1)])
    maskSecrets(input)
    viewsThatRead(['a.b'], [{ view: 'c.d', sql: input }], (name) => ({
      database: 'd',
      schema: 's',
      name,
    }))
  },
}
