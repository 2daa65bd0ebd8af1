import type { Verb, VerbGroup } from '../verb.ts'
import { check } from './check.ts'
import { doctor } from './doctor.ts'
import { graph } from './graph.ts'
import { init } from './init.ts'
import { list } from './list.ts'
import { materialize } from './materialize.ts'
import { plan } from './plan.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { savings } from './savings.ts'
import { schema } from './schema.ts'
import { source } from './source.ts'
import { state } from './state.ts'
import { status } from './status.ts'
import { verify } from './verify.ts'
import { why } from './why.ts'

/** Every verb, in the order of `--help`. A new verb is one file in this folder and one line here. */
export const verbs: readonly (Verb | VerbGroup)[] = [
  materialize,
  status,
  plan,
  why,
  list,
  graph,
  runs,
  verify,
  savings,
  check,
  doctor,
  run,
  init,
  schema,
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
