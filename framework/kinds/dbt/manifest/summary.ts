import { type Catalog, selectionOf } from './catalog.ts'
import { addressOf } from './file-address.ts'

/** What a dbt project has, in words: `19 models`, `6 sources (6 filled by seeds)`, `30 tests`. */
export function summaryOf(catalog: Catalog): readonly string[] {
  const { nodes, sources, tests } = catalog
  const isSelected = selectionOf(catalog)
  const ids = nodes.map(({ id }) => id).filter(isSelected)
  const resources = ids.map((id) => id.slice(0, id.indexOf('.')))
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
    counted(tests.filter(({ id }) => isSelected(id)).length, 'test'),
  ].filter((text) => text !== '')
}

/** Empty for none. */
function counted(count: number, noun: string, note = ''): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}${note}`
}
