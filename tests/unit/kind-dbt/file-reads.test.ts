import { describe, expect, test } from 'vitest'
import { FileReads } from '../../../framework/kinds/dbt/manifest/file-reads.ts'
import type {
  ManifestFacts,
  NodeFacts,
} from '../../../framework/kinds/dbt/manifest/worker-manifest.ts'

const macro = (id: string, code: string | null, macros: readonly string[] = []) => ({
  id,
  name: id,
  package: 'shop',
  file: 'macros/m.sql',
  macros,
  built_in: code === null,
  naming: code,
})
const MACROS = [
  macro('outer', "{% macro outer() %}from read_json('j.json'){% endmacro %}", ['inner', 'own']),
  macro('inner', "{% macro inner(p) %}read_csv('{{ p }}'){% endmacro %}", ['outer']),
  macro('own', null),
]
const reads = (code: string, more: Partial<NodeFacts> = {}, adapter = 'duckdb') =>
  new FileReads({ adapter, macros: MACROS } as unknown as ManifestFacts).of({
    naming: code,
    macros: [],
    language: 'sql',
    ...more,
  } as unknown as NodeFacts)

describe('the files that SQL names', () => {
  test.each([
    ["select * from read_csv('a.csv')", ['a.csv']],
    ["select * from read_csv_auto( ['a.csv', 'b.csv'], header = true)", ['a.csv', 'b.csv']],
    ["from read_parquet('s3://b/*.parquet', hive_partitioning = true)", ['s3://b/*.parquet']],
    ["select * from 'x/y.parquet' join 'b.csv.gz' using (i)", ['x/y.parquet', 'b.csv.gz']],
    ["select '--', * FROM PARQUET_SCAN('a.parquet')", ['a.parquet']],
    ["select * from read_parquet({{ var('x') }})", ['']],
    ['select * from read_csv(\'{{ var("folder") }}/a.csv\')', ['']],
    ['select * from read_csv(path)', ['']],
  ])('%s', (code, files) => expect(reads(code)).toEqual(files))

  test.each([
    "select * from t -- read_csv('a.csv')\n",
    "select /* from 'a.csv' */ 1",
    "{# read_csv('a.csv') #} select 1",
    "select extract(year from '2020-01-01')",
    "select my_read_csv('a.csv'), read_csvs('a')",
    'select 1',
  ])('none in %s', (code) => expect(reads(code)).toEqual([]))

  test('also those that its macros name, however they are nested; not those of dbt', () => {
    expect(reads('select 1', { macros: ['outer'] })).toEqual(['j.json', ''])
  })

  test('of a Python model, in either kind of quotes', () => {
    const code = 'x = pd.read_csv("a.csv")\n# read_csv("b.csv")\n'
    expect(reads(code, { language: 'python' })).toEqual(['a.csv'])
  })

  test('none on another warehouse', () => {
    expect(reads("from read_csv('a.csv')", {}, 'snowflake')).toEqual([])
  })

  test('none of a node whose text can name none', () => {
    expect(reads('select 1', { naming: null })).toEqual([])
  })
})
