import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { sharedPython } from '../rig/python.ts'

// The models built by real dbt on DuckDB, compared row by row with an oracle that works the definitions out by hand
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

/** Builds the databases (names, or folders of CSV files; none: all) and answers for each, by name. */
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

/** What dbt's tests say of each database; one that is not named here passes them all. */
const TOLD: Readonly<Record<string, { failed?: readonly string[]; warned?: readonly string[] }>> = {
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

  test('every small database is asked for', () => {
    expect([...answers.keys()]).toEqual(DATABASES)
  })

  test.each(DATABASES)('%s', (name) => {
    expect(answers.get(name)).toMatchObject({
      failed: TOLD[name]?.failed ?? [],
      warned: TOLD[name]?.warned ?? [],
      differences: [],
    })
  })

  test('no password or picture leaves the source', () => {
    const columns = Object.values(answers.get('films_and_people')!.types).flatMap(Object.keys)
    expect(columns).toContain('username')
    expect(columns).not.toEqual(expect.arrayContaining([expect.stringMatching(/password|picture/)]))
  })

  test('every type can be written to Parquet as it is', () => {
    const types = Object.values(answers.get('films_and_people')!.types).flatMap(Object.values)
    // DuckDB writes HUGEINT, the type of a summed count, as a binary float.
    expect(types).toContain('BIGINT')
    expect(types).not.toContain('HUGEINT')
  })
})

describe.skipIf(shared === undefined)(
  'reports of the original database (needs ASSETS_SHARED)',
  () => {
    test('every model is what the oracle says, and the known figures come out', async () => {
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
