import type { Column, ColumnSource, DocumentedColumn, ParseSql } from '../../../model/columns.ts'
import type { Definition } from '../../../model/definition.ts'
import { type AllColumnFacts, KnownColumns } from '../../../plan/known-columns.ts'
import type { SqlParser } from '../../../ports/sql.ts'
import type { PageColumns } from '../../../ui/data/asset-page.ts'
import { columnFacts } from '../../column-facts.ts'
import type { Registries } from '../../context.ts'
import type { View } from '../../view.ts'

/** The columns of an asset, as far as files say. `definition`: that of the asset; null for a check, which has none. */
export type ColumnReader = (definition: Definition | null) => Promise<PageColumns>

const NO_COLUMNS: PageColumns = { list: [], areAll: false }

/** Calls `use` with a reader of columns, which reads the files at its first call. */
export async function withColumns<T>(
  { workspace: { kinds, site }, planned: { world } }: View,
  { sqlParser }: Registries,
  use: (columns: ColumnReader) => Promise<T>,
): Promise<T> {
  let parser: Promise<SqlParser> | null = null
  let facts: Promise<AllColumnFacts> | null = null
  let known: KnownColumns | null = null
  const parse: ParseSql = async (sql) => {
    parser ??= sqlParser()
    return (await parser).parse(sql)
  }
  const documentedOf = async (definition: Definition) => {
    for (const name of site.project.assets.kinds()) {
      const documented = (await kinds(name)).columns?.documented?.(definition, site) ?? []
      if (documented.length > 0) return documented
    }
    return []
  }
  try {
    return await use(async (definition) => {
      if (definition === null) return NO_COLUMNS
      facts ??= columnFacts(kinds, site, world.parts.definitions)
      known ??= new KnownColumns(await facts, parse)
      const columns = await known.of(definition.asset)
      const own = await documentedOf(definition)
      // A file of the rows of one asset has its words.
      const [copied, ...more] = tablesOf((await facts).get(definition.asset)?.source ?? null)
      const isCopy = definition.relation === null && more.length === 0
      const copy = isCopy ? world.parts.definitions.get(copied ?? '') : undefined
      const documented = own.length > 0 || copy === undefined ? own : await documentedOf(copy)
      return described(columns, documented)
    })
  } finally {
    if (parser !== null) (await (parser as Promise<SqlParser>)).close()
  }
}

const tablesOf = (source: ColumnSource | null): readonly string[] =>
  source?.is === 'query' ? Object.values(source.tables) : []

/** Columns with what the documentation says of them. */
function described(
  columns: readonly Column[] | null,
  documented: readonly DocumentedColumn[],
): PageColumns {
  if (columns === null) return { list: documented, areAll: false }
  const words = new Map(documented.map((column) => [column.name.toLowerCase(), column]))
  const list = columns.map(({ name, type }) => {
    const about = words.get(name.toLowerCase())
    return { name, type: type ?? about?.type ?? null, description: about?.description ?? '' }
  })
  return { list, areAll: true }
}
