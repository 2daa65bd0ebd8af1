import { expect, test } from 'vitest'
import { withColumns } from '../../../framework/cli/verbs/ui/column-reader.ts'
import { createSqlParser } from '../../../framework/engines/duckdb/parse-sql.ts'
import type {
  ColumnFacts,
  ColumnSource,
  DocumentedColumn,
} from '../../../framework/model/columns.ts'
import type { Definition } from '../../../framework/model/definition.ts'

const documented = (
  name: string,
  description = '',
  type: string | null = null,
): DocumentedColumn => ({
  name,
  type,
  description,
})

/** What the files say of each asset: its columns, and what they describe of them. */
const ASSETS: Readonly<
  Record<string, readonly [ColumnSource | null, readonly DocumentedColumn[]]>
> = {
  seed: [{ is: 'list', columns: [{ name: 'Id', type: null }] }, [documented('ID', 'Key.', 'int')]],
  model: [{ is: 'query', sql: 'select *, 1::bigint as n from t', tables: { t: 'seed' } }, []],
  file: [{ is: 'query', sql: 'select * from t', tables: { t: 'model' } }, []],
  computed: [null, [documented('id', 'Key.')]],
  unknown: [null, []],
}

const definitions = new Map(
  Object.keys(ASSETS).map((asset) => [
    asset,
    { asset, relation: asset === 'file' ? null : `main.${asset}` } as Definition,
  ]),
)

function columnsOf(asset: string | null, words = ASSETS) {
  const columns = {
    read: () =>
      new Map(
        Object.entries(words).map(([name, [source]]): [string, ColumnFacts] => [
          name,
          { source, text: null },
        ]),
      ),
    documented: (definition: Definition) => words[definition.asset]![1],
  }
  const site = { project: { assets: { kinds: () => ['dbt'] } } }
  const view = {
    workspace: { kinds: async () => ({ columns }), site },
    planned: { world: { parts: { definitions } } },
  }
  const registries = { sqlParser: createSqlParser }
  return withColumns(view as never, registries as never, (read) =>
    read(asset === null ? null : definitions.get(asset)!),
  )
}

test('columns that the files list have what is written about them, whatever its case', async () => {
  expect(await columnsOf('seed')).toEqual({ list: [documented('Id', 'Key.', 'int')], areAll: true })
})

test('columns of a query are worked out; a model has only its own words', async () => {
  const list = [documented('Id'), documented('n', '', 'BIGINT')]
  expect(await columnsOf('model')).toEqual({ list, areAll: true })
})

test('a file with the rows of one asset has the words of that asset', async () => {
  const described = { ...ASSETS, model: [ASSETS.model![0], [documented('n', 'One.')]] as const }
  const list = [documented('Id'), documented('n', 'One.', 'BIGINT')]
  expect(await columnsOf('file', described)).toEqual({ list, areAll: true })
})

test('documented columns may not be all; without any, nothing is said; a check has none', async () => {
  expect(await columnsOf('computed')).toEqual({ list: [documented('id', 'Key.')], areAll: false })
  expect(await columnsOf('unknown')).toEqual({ list: [], areAll: false })
  expect(await columnsOf(null)).toEqual({ list: [], areAll: false })
})
