import type { Problem } from '../../model/problem.ts'
import type { AdapterSettings, Target } from '../../model/project.ts'
import type { Declarations } from '../schema/adapter-schemas.ts'
import type { Subject } from '../schema/validate.ts'
import { checkAdapter } from './compile-adapter.ts'
import { isMapping } from './mapping.ts'

export interface CompiledTarget {
  /** null when there are problems. */
  readonly target: Target | null
  readonly problems: readonly Problem[]
}

const STATE = { type: 'sqlite' }

/** The adapters of one target, each as its declaration wants it. Problems: those of `checkAdapter`. */
export async function compileTarget(
  file: string,
  name: string,
  body: unknown,
  { warehouses, connections, states }: Declarations,
): Promise<CompiledTarget> {
  const { warehouse, connections: named, state, confirm } = isMapping(body) ? body : {}
  const problems: Problem[] = []
  const check = async (
    raw: unknown,
    room: string,
    registry: Parameters<typeof checkAdapter>[2],
    subject: Subject,
  ): Promise<AdapterSettings | null> => {
    const checked = await checkAdapter(raw, room, registry, subject)
    problems.push(...checked.problems)
    return checked.settings
  }
  const subject = (what: string, ...path: readonly string[]): Subject => ({
    name: `target ${name}, ${what}`,
    at: { file, path: ['targets', name, ...path] },
    show: false,
  })

  const checkedWarehouse =
    warehouse === undefined
      ? null
      : await check(warehouse, 'warehouse', warehouses, subject('warehouse', 'warehouse'))
  const checkedConnections: [string, AdapterSettings][] = []
  for (const [key, raw] of Object.entries(isMapping(named) ? named : {})) {
    const about = subject(`connection ${key}`, 'connections', key)
    const checked = await check(raw, 'connection', connections, about)
    if (checked !== null) checkedConnections.push([key, checked])
  }
  const checkedState =
    state === undefined
      ? await check(STATE, 'state', states, subject('state'))
      : await check(state, 'state', states, subject('state', 'state'))
  if (checkedState === null || problems.length > 0) return { target: null, problems }
  const target: Target = {
    name,
    warehouse: checkedWarehouse,
    connections: Object.fromEntries(checkedConnections),
    state: checkedState,
    confirm: confirm === true,
  }
  return { target, problems }
}
