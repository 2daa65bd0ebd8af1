import { parseEnv } from 'node:util'
import { resolveTarget } from '../../../framework/config/index.ts'
import { isSecretName, secretsIn } from '../../../framework/config/target/secret-detection.ts'
import { parseTemplate } from '../../../framework/config/target/template.ts'
import { readSettings } from '../../../framework/connections/airbyte/settings.ts'
import { connectAttempts } from '../../../framework/lib/postgres-url.ts'
import { createRedactor } from '../../../framework/lib/redact.ts'
import type { Project } from '../../../framework/model/project.ts'
import type { Area } from '../area.ts'
import { mixWords, mutateText } from '../mutate.ts'

const variable = (inside: string) => `\${${inside}}`

const WORDS = [
  ...[
    'A',
    'URL',
    'PASSWORD',
    '=',
    '\n',
    '"',
    "'",
    '#',
    'export ',
    '$',
    variable('A'),
    variable('A:-b'),
    variable('secret:n#k'),
    '%zz',
    '%41',
  ],
  ...[
    'postgres://u:p@h:5432/d?sslmode=prefer',
    'https://u:p@h/api/v1',
    '?host=/tmp',
    '&',
    'password=x',
    ' ',
    '\\n',
  ],
]
const CORPUS = [
  'A=1\nURL="postgres://u:p@h/d"\nPASSWORD=\'a b\'\n',
  'export URL=https://airbyte.example.com\n# c\n',
]

const at = { file: 'assets.yaml', path: ['targets', 'local', 'connections', 'c'] }
/** The settings of a target that use the variables. */
const settings = {
  url: variable('URL:-x'),
  password: variable('PASSWORD:-'),
  connection_id: variable('A:-1'),
}
const connection = { type: 'airbyte', settings, at }
const target = {
  name: 'local',
  warehouse: connection,
  connections: { c: connection },
  state: connection,
}
const project = { targets: { local: target } } as unknown as Project

/** A `.env` file, the target that uses its variables, and what is hidden of them. */
export const dotenv: Area = {
  name: 'dotenv',
  input: (random) =>
    random.chance(0.4) ? mixWords(random, WORDS) : mutateText(random, CORPUS, WORDS),
  read: (input) => {
    const env = parseEnv(input)
    for (const [name, value] of Object.entries(env)) {
      isSecretName(name)
      secretsIn(value ?? '')
      connectAttempts(value ?? '', null)
    }
    parseTemplate(input)
    const resolved = resolveTarget(project, 'local', env)
    if (!resolved.ok) return
    createRedactor(resolved.value.secrets)(input)
    readSettings(resolved.value.connections.c!)
  },
}
