import { describe, expect, test } from 'vitest'
import { nodeFailed, projectFailed, testFailed } from '../../../framework/kinds/dbt/problems.ts'
import type { NodeResult } from '../../../framework/kinds/dbt/worker/worker.ts'

const RAW = `select id,
   customerr
from {{ ref('stg_orders') }}
`
const source = { name: 'fact', file: 'dbt/models/fact.sql', text: RAW }
const result = (message: string, more: Partial<NodeResult> = {}): NodeResult => ({
  node: 'model.shop.fact',
  status: 'error',
  message,
  failures: 0,
  ...more,
})

describe('a DuckDB that is too old for a file', () => {
  const READABLE = {
    'version 64': '1.1 or older',
    'versions between 64 and 65': '1.2',
    'versions between 64 and 67': '1.4',
  }
  test.each(Object.entries(READABLE))('reads only %s: DuckDB %s', (versions, release) => {
    const text = `Runtime Error\n  IO Error: Trying to read a database file with version number 68, but we can only read ${versions}.\nThe database file was created with an newer version of DuckDB.`
    const problem = nodeFailed(result(text), source, null, [])
    expect(problem).toEqual({
      code: 'dbt-older-duckdb',
      message: `DuckDB 1.5 or newer wrote a DuckDB file, and dbt has DuckDB ${release}, which can't read it`,
      hint: 'install duckdb 1.5 or newer where dbt is: `assets doctor` shows where that is',
      asset: 'fact',
    })
    const whole = projectFailed({ type: 'DbtRuntimeError', message: text }, 'dbt', [])
    expect({ ...whole, asset: 'fact' }).toEqual(problem)
  })
})

describe('a failed model', () => {
  const BINDER = `Runtime Error in model fact (models/fact.sql)
  Binder Error: Referenced column "customerr" not found in FROM clause!
  Candidate bindings: "customer"
  
  LINE 11:    customerr
              ^`

  test('is located at the failing line if only one line is equal', () => {
    const problem = nodeFailed(result(BINDER), source, null, [])
    expect(problem).toEqual({
      code: 'dbt-failed',
      message: 'fact: Binder Error: Referenced column "customerr" not found in FROM clause!',
      at: { file: 'dbt/models/fact.sql', line: 2, column: 4 },
      detail: BINDER,
      hint: 'correct it, then: assets materialize fact',
      asset: 'fact',
    })
  })

  test('has no line if two lines are equal', () => {
    const twice = { ...source, text: `${RAW}   customerr\n` }
    const problem = nodeFailed(result(BINDER), twice, null, [])
    expect(problem.at).toBeUndefined()
    expect(problem.message).toContain('fact (dbt/models/fact.sql): Binder Error')
  })

  test('a shortened line is found', () => {
    const long = `    ${'a, '.repeat(40)}oops, ${'b, '.repeat(40)}c`
    const message = `Runtime Error\n  LINE 5: ... a, oops, b, b ...\n                 ^`
    const problem = nodeFailed(
      result(message, { compiled: `select\n${long}\nfrom t` }),
      { ...source, text: `select\n${long}\nfrom {{ x }}` },
      null,
      [],
    )
    expect(problem.at).toEqual({ file: source.file, line: 2, column: long.indexOf('oops') + 1 })
  })

  test('a line number is looked up in the statement', () => {
    const statement = `create table x as (select id,\n     customerr\nfrom stg)`
    const message = `Database Error in model fact (models/fact.sql)
  000904 (42000): SQL compilation error: error line 2 at position 5
  invalid identifier 'CUSTOMERR'`
    const problem = nodeFailed(result(message), source, statement, [])
    expect(problem.at).toEqual({ file: source.file, line: 2, column: 4 })
    expect(problem.message).toContain('SQL compilation error')
    expect(problem.detail).toContain('SQL: customerr')
  })

  test('a Jinja error has a line of the model', () => {
    const message = `Compilation Error in model fact (models/fact.sql)
  expected token 'end of print statement', got 'x'
    line 3
      {{ a x }}`
    const problem = nodeFailed(result(message), source, null, [])
    expect(problem.at).toEqual({ file: source.file, line: 3, column: 1 })
    expect(problem.message).toContain("expected token 'end of print statement'")
  })

  test('secrets are redacted', () => {
    const message = 'can not connect to postgres://me:hunter22@db with hunter22'
    const problem = nodeFailed(result(message), source, null, ['hunter22'])
    expect(JSON.stringify(problem)).not.toContain('hunter22')
  })
})

test('a failed check names what it reads and the query of its rows', () => {
  const failed = result('Got 3 results, configured to fail if != 0', { failures: 3 })
  const problem = testFailed(failed, source, ['a', 'b'], '.assets/x.sql', [])
  expect(problem.message).toBe('fact on a, b: 3 failing rows')
  expect(problem.hint).toBe('the query in .assets/x.sql selects the failing rows')
})

describe('a project that dbt can not parse', () => {
  test('is located at the file and line that dbt reports', () => {
    const message = `Compilation Error in model stg (models/staging/stg.sql)
  unexpected '}'
    line 4
      {{ x } }}`
    const problem = projectFailed({ type: 'CompilationError', message }, 'dbt', [])
    expect(problem.at).toEqual({ file: 'dbt/models/staging/stg.sql', line: 4, column: 1 })
    expect(problem.message).toBe("dbt can't use the project in dbt: unexpected '}'")
    expect(problem.detail).toBe(message)
  })

  test('says how to install missing packages', () => {
    const message =
      'dbt found 1 package(s) specified in packages.yml, but only 0 package(s) installed in dbt_packages. Run "dbt deps" to install package dependencies.'
    const problem = projectFailed({ type: 'DbtProjectError', message }, 'dbt', [])
    expect(problem.hint).toBe('install its packages: dbt deps --project-dir dbt')
  })

  test('a worker that died shows the end of its output', () => {
    const problem = projectFailed({ type: 'died', message: 'Killed' }, 'dbt', [])
    expect([problem.code, problem.detail]).toEqual(['dbt-died', 'Killed'])
  })
})
