import type { Catalog } from './catalog.ts'
import { addressOf } from './file-address.ts'

/** What a dbt project has, in words: `19 models`, `6 sources (6 filled by seeds)`, `30 tests`. */
export function summaryOf({ nodes, sources, tests, selected }: Catalog): readonly string[] {
  const ids = selected === null ? null : new Set(selected)
  const isSelected = ({ id }: { readonly id: string }) => ids?.has(id) ?? true
  const resources = nodes.filter(isSelected).map(({ id }) => id.slice(0, id.indexOf('.')))
  const count = (resource: string) => resources.filter((one) => one === resource).length
  const seeds = new Set(
    nodes.flatMap(({ id, relation }) => (id.startsWith('seed.') ? [relation] : [])),
  )
  const filled = sources.filter((source) => seeds.has(addressOf(source))).length
  const note = filled === 0 ? '' : ` (${filled} filled by seeds)`
  return [
    counted(count('model'), 'model'),
    counted(count('seed'), 'seed'),
    counted(count('snapshot'), 'snapshot'),
    counted(count('function'), 'function'),
    counted(sources.length, 'source', note),
    counted(tests.filter(isSelected).length, 'test'),
  ].filter((text) => text !== '')
}

/** Empty for none. */
function counted(count: number, noun: string, note = ''): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}${note}`
}
