import type { Problem } from '../model/problem.ts'
import type { Site } from '../ports/site.ts'

const SETTINGS = '{type: duckdb, path: .assets/warehouse.duckdb}'

/** The problem of a target without a warehouse. `assets`: those that need one, if they are known. */
export function noWarehouse({ target, project }: Site, assets: readonly string[]): Problem {
  const [first, ...others] = assets
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const who = first === undefined ? 'an asset of this project needs' : `${first}${more} need`
  const verb = first !== undefined && others.length === 0 ? `${who}s` : who
  const file = project.files[0] ?? 'assets.yaml'
  return {
    code: 'no-warehouse',
    message: `target ${target.name} has no warehouse, and ${verb} one`,
    at: { file, path: ['targets', target.name], key: true },
    hint: `add one to ${file}, such as \`targets: {${target.name}: {warehouse: ${SETTINGS}}}\``,
  }
}
