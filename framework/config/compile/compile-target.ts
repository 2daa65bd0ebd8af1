import type { Problem } from '../../model/problem.ts'
import type { AdapterSettings, Target } from '../../model/project.ts'
import type { Declarations, DeclarationsByName } from '../schema/adapter-schemas.ts'
import type { Subject } from '../schema/validate.ts'
import { checkAdapter } from './compile-adapter.ts'
import { isMapping } from './mapping.ts'

export interface CompiledTarget {
  /** null when there are problems. */
  readonly target: Target | null
  readonly problems: readonly Problem[]
}

const DEFAULT_STATE = { type: 'sqlite' }

/** Validates the adapter settings of one target. Problems: those of `checkAdapter`. */
export async function compileTarget(
  file: string,
  name: string,
  body: unknown,
  { warehouses, connections, states }: Declarations,
): Promise<CompiledTarget> {
  const { warehouse, connections: connectionBodies, state, confirm } = isMapping(body) ? body : {}
  const problems: Problem[] = []
  const check = async (
    settings: unknown,
    adapterKind: string,
    declarations: DeclarationsByName,
    subject: Subject,
  ): Promise<AdapterSettings | null> => {
    const checked = await checkAdapter(settings, adapterKind, declarations, subject)
    problems.push(...checked.problems)
    return checked.settings
  }
  const subject = (what: string, ...path: readonly string[]): Subject => ({
    name: `target ${name}, ${what}`,
    at: { file, path: ['targets', name, ...path] },
    mayShowValue: false,
  })

  const checkedWarehouse =
    warehouse === undefined
      ? null
      : await check(warehouse, 'warehouse', warehouses, subject('warehouse', 'warehouse'))
  const checkedConnections: [string, AdapterSettings][] = []
  const bodies = isMapping(connectionBodies) ? connectionBodies : {}
  for (const [key, settings] of Object.entries(bodies)) {
    const connectionSubject = subject(`connection ${key}`, 'connections', key)
    const checked = await check(settings, 'connection', connections, connectionSubject)
    if (checked !== null) checkedConnections.push([key, checked])
  }
  const checkedState =
    state === undefined
      ? await check(DEFAULT_STATE, 'state', states, subject('state'))
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
