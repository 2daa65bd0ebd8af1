import type { Verb, VerbGroup } from '../verb.ts'
import { check } from './check/declaration.ts'
import { completion } from './completion/declaration.ts'
import { doctor } from './doctor/declaration.ts'
import { graph } from './graph/declaration.ts'
import { importGroup } from './import/declaration.ts'
import { init } from './init/declaration.ts'
import { list } from './list/declaration.ts'
import { materialize } from './materialize/declaration.ts'
import { plan } from './plan/declaration.ts'
import { run } from './run/declaration.ts'
import { runs } from './runs/declaration.ts'
import { savings } from './savings/declaration.ts'
import { schema } from './schema/declaration.ts'
import { source } from './source/declaration.ts'
import { state } from './state/declaration.ts'
import { status } from './status/declaration.ts'
import { ui } from './ui/declaration.ts'
import { verify } from './verify/declaration.ts'
import { why } from './why/declaration.ts'

/** Every verb, in the order of `--help`. A new verb is one file in this folder and one line here. */
export const verbs: readonly (Verb | VerbGroup)[] = [
  materialize,
  status,
  plan,
  why,
  list,
  graph,
  runs,
  ui,
  verify,
  savings,
  check,
  doctor,
  run,
  init,
  importGroup,
  schema,
  completion,
  source,
  state,
]

/** Each verb with the words that are typed for it: `status`, `source sql`. */
export const commands: readonly (readonly [words: string, verb: Verb])[] = verbs.flatMap(
  (entry): (readonly [string, Verb])[] =>
    'verbs' in entry
      ? entry.verbs.map((verb) => [`${entry.name} ${verb.name}`, verb])
      : [[entry.name, entry]],
)
