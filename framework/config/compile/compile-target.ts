import { z } from 'zod'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import type { AdapterSettings, Target } from '../../model/project.ts'
import type { Declarations, DeclarationsByName } from '../schema/adapter-schemas.ts'
import { type Subject, validate } from '../schema/validate.ts'
import { checkAdapter } from './compile-adapter.ts'
import { isMapping } from './mapping.ts'

export interface CompiledTarget {
  /** Without the adapters that have problems. */
  readonly target: Target
  readonly problems: readonly Problem[]
}

const DEFAULT_STATE = { type: 'sqlite' }

const fromDbt = z.strictObject({ from: z.literal('dbt') })

/**
 * Validates the adapter settings of one target. Without a warehouse, a project with dbt has that of dbt's
 * profile. Problems: those of `checkAdapter`, `warehouse-from`.
 */
export async function compileTarget(
  file: string,
  name: string,
  body: unknown,
  { warehouses, connections, states }: Declarations,
  hasDbt: boolean,
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

  const checkWarehouse = async (): Promise<Target['warehouse']> => {
    const stated = subject('warehouse', 'warehouse')
    if (warehouse === undefined) {
      return hasDbt ? { from: 'dbt', at: { file, path: ['dbt'], key: true } } : null
    }
    if (!isMapping(warehouse) || !('from' in warehouse)) {
      return check(warehouse, 'warehouse', warehouses, stated)
    }
    const found = validate(fromDbt, warehouse, stated)
    problems.push(...found.problems, ...(hasDbt ? [] : [noDbt(name, stated.at)]))
    return found.value === undefined ? null : { ...found.value, at: stated.at }
  }

  const checkedWarehouse = await checkWarehouse()
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
  const target: Target = {
    name,
    warehouse: checkedWarehouse,
    connections: Object.fromEntries(checkedConnections),
    state: checkedState ?? { type: 'sqlite', settings: {}, at: { file, path: ['targets', name] } },
    confirm: confirm === true,
  }
  return { target, problems }
}

function noDbt(target: string, at: Pointer): Problem {
  return {
    code: 'warehouse-from',
    message: `target ${target} takes its warehouse from dbt, but the project has no \`dbt:\` key`,
    at,
    hint: 'add `dbt: {project_dir: …}`, or state the warehouse: `{type: duckdb, path: …}`',
  }
}
