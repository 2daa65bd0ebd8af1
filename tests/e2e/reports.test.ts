import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { sharedPython } from '../rig/python.ts'

// Models built by real dbt on DuckDB, compared row by row with an independent Python oracle
// (tests/rig/reports).
const python = join(await sharedPython(), 'bin', 'python')
const shared = process.env.ASSETS_SHARED
const root = join(import.meta.dirname, '../..')

interface Answer {
  readonly database: string
  readonly failed: readonly string[]
  readonly warned: readonly string[]
  readonly differences: readonly string[]
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly figures: Readonly<Record<string, unknown>>
}

/**
 * Builds databases, given by name or as folders of CSV files, and returns an answer for each by
 * name. Without arguments: all of them.
 */
async function build(...databases: string[]): Promise<Map<string, Answer>> {
  const script = join(root, 'tests/rig/reports/main.py')
  const { stdout } = await promisify(execFile)(python, [script, join(root, 'dbt'), ...databases], {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  return new Map(answers.map((answer) => [answer.database, answer]))
}

/** The dbt tests that fail or warn, by database. A database without an entry passes all of them. */
const EXPECTED: Readonly<
  Record<string, { failed?: readonly string[]; warned?: readonly string[] }>
> = {
  careless: {
    warned: [
      'accepted_values_dim_film_rating__G__PG__PG_13__R__NC_17',
      'not_before_fact_rental_return_date__rental_date',
      'not_negative_fact_payment_amount',
      'not_negative_fact_rental_amount_paid',
    ],
  },
  row_twice: {
    failed: ['not_null_stg_category_category_id', 'unique_stg_payment_payment_id'],
  },
  orphans: {
    failed: ['relationships_fact_payment_customer_id__customer_id__ref_dim_customer_'],
    warned: ['relationships_fact_payment_rental_id__rental_id__ref_fact_rental_'],
  },
}

const DATABASES = [
  'empty',
  'nothing_rented',
  'never_paid',
  'one_window',
  'ids_from_0',
  'films_and_people',
  'ties',
  'medians_between',
  'months',
  'timestamps_with_zone',
  'deleted_rows',
  'careless',
  'row_twice',
  'orphans',
]

describe('reports of small databases', () => {
  let answers: Map<string, Answer>
  beforeAll(async () => {
    answers = await build()
  }, 600_000)

  test('the list of databases is complete', () => {
    expect([...answers.keys()]).toEqual(DATABASES)
  })

  test.each(DATABASES)('%s', (name) => {
    expect(answers.get(name)).toMatchObject({
      failed: EXPECTED[name]?.failed ?? [],
      warned: EXPECTED[name]?.warned ?? [],
      differences: [],
    })
  })

  test('no column of a password or a picture is loaded', () => {
    const columns = Object.values(answers.get('films_and_people')!.types).flatMap(Object.keys)
    expect(columns).toContain('username')
    expect(columns).not.toEqual(expect.arrayContaining([expect.stringMatching(/password|picture/)]))
  })

  test('no column has a type that Parquet does not have', () => {
    const types = Object.values(answers.get('films_and_people')!.types).flatMap(Object.values)
    // The sum of a count is a HUGEINT, which DuckDB writes to Parquet as a float.
    expect(types).toContain('BIGINT')
    expect(types).not.toContain('HUGEINT')
  })
})

describe.skipIf(shared === undefined)(
  'reports of the original database (needs ASSETS_SHARED)',
  () => {
    test('every model equals the oracle, and the known figures are right', async () => {
      const answers = await build(join(shared!, 'data/dvdrental/csv'))
      expect(answers.get('original')).toMatchObject({
        failed: [],
        warned: [],
        differences: [],
        figures: {
          payments: 14596,
          revenue: '61312.04',
          months: ['8351.84', '23886.56', '28559.46', '514.18'],
          countries: { India: '6034.78', China: '5251.03', 'United States': '3685.31' },
          segments: expect.objectContaining({
            'Key Valuable Customer': 65,
            'General At Risk Customer': 201,
          }),
          open_rentals: 183,
        },
      })
    }, 300_000)
  },
)
