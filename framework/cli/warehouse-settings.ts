import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { type AdapterSettings, isStated, type ResolvedTarget } from '../model/project.ts'
import type { Tools } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { DbtOutput } from '../ports/warehouse.ts'
import type { Kinds } from '../staleness/define.ts'
import type { Registries } from './context.ts'

/** Settings of a warehouse adapter, and the values in them that must never be printed. */
export interface WarehouseSettings {
  readonly settings: AdapterSettings
  readonly secrets: readonly string[]
}

/**
 * The settings of the target's warehouse: those in YAML, or those that the tool of a kind has, such as the
 * output of dbt's profile. null: it has none. Problems: `warehouse-type`; those of the kind and the adapter.
 */
export async function warehouseSettings(
  { warehouse }: ResolvedTarget,
  site: Site,
  kinds: Kinds,
  { warehouses }: Registries,
  tools: Tools,
): Promise<Result<WarehouseSettings | null>> {
  if (warehouse === null) return ok(null)
  if (isStated(warehouse)) return ok({ settings: warehouse, secrets: [] })
  const kind = await kinds(warehouse.from)
  const found = await kind.warehouse?.(site, tools)
  if (found === undefined) throw new Error(`the kind ${warehouse.from} has no warehouse`)
  if (!found.ok) return found
  const output = found.value
  const adapter = Object.hasOwn(warehouses, output.type) ? warehouses[output.type] : undefined
  const from = await adapter?.fromDbt?.()
  if (from === undefined) return fail(unknownType(output, Object.keys(warehouses)))
  const keys = await output.keys(from.secrets)
  if (!keys.ok) return keys
  const settings = from.settings(keys.value, output)
  return settings.ok
    ? ok({ settings: settings.value, secrets: Object.values(keys.value.secret) })
    : settings
}

function unknownType({ type, types, name, at }: DbtOutput, known: readonly string[]): Problem {
  const other = Object.keys(types).find((output) => known.includes(types[output] ?? ''))
  const use = other === undefined ? '' : `; output ${other} has one: \`dbt: {target: ${other}}\``
  return {
    code: 'warehouse-type',
    message: `${name} has the type ${type}, for which assets has no warehouse adapter`,
    at: { file: at.file, path: [...at.path, 'type'] },
    hint: `types that work: ${known.join(', ')}${use}`,
    mistake: true,
  }
}
