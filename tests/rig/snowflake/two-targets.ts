import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { REPOSITORY } from '../cli.ts'
import { InProcessProject } from '../in-process.ts'
import { pythonWith, sharedPython } from '../python.ts'
import { loadAsAirbyte } from './airbyte-table.ts'
import { makeRawTables, readRawTables } from './raw-tables.ts'

const LISTS = ['staging', 'marts', 'reports', 'extracts']

/**
 * The DVD-rental project over existing raw tables, on a new desk: with the DuckDB warehouse, or with a
 * database of the account at `url`.
 */
async function dvdRentalDesk(
  where: { readonly python: string } & (
    | { readonly target: 'local' }
    | { readonly target: 'prod'; readonly url: string; readonly database: string }
  ),
): Promise<InProcessProject> {
  const warehouse =
    where.target === 'local'
      ? '{type: duckdb, path: .assets/warehouse.duckdb}'
      : // biome-ignore lint/suspicious/noTemplateCurlyInString: assets.yaml's own placeholders
        '{type: snowflake, account: lookalike, user: robot, password: "${SNOWFLAKE_PASSWORD}", database: "${SNOWFLAKE_DATABASE}", access_url: "${SNOWFLAKE_URL}"}'
  const files = {
    'assets.yaml': `version: 1
project: dvd_rental
default_target: ${where.target}
include: [assets/*.yaml]
dbt: {project_dir: dbt, models: declared}
targets:
  ${where.target}:
    warehouse: ${warehouse}
`,
    'assets/raw.yaml': rawTables(),
    ...Object.fromEntries(
      LISTS.map((list) => [
        `assets/${list}.yaml`,
        // These targets have no Tableau.
        readFileSync(join(REPOSITORY, `assets/${list}.yaml`), 'utf8')
          .replaceAll('.{format}', '.csv')
          .replaceAll(/^ {2}(format|publish): .*\n/gm, ''),
      ]),
    ),
  }
  const env = {
    ASSETS_PYTHON_ENV: where.python,
    ...(where.target === 'local'
      ? {}
      : {
          SNOWFLAKE_PASSWORD: 'hunter22',
          SNOWFLAKE_DATABASE: where.database,
          SNOWFLAKE_URL: where.url,
        }),
  }
  const desk = new InProcessProject(files, env)
  cpSync(join(REPOSITORY, 'dbt'), join(desk.root, 'dbt'), {
    recursive: true,
    filter: (from) => !/\/dbt\/(target|logs)$/.test(from),
  })
  return desk
}

/** The raw assets as tables that others fill. */
function rawTables(): string {
  const { assets } = parse(readFileSync(join(REPOSITORY, 'assets/raw.yaml'), 'utf8')) as {
    assets: Record<string, { stream: string }>
  }
  const lines = Object.entries(assets).map(
    ([name, { stream }]) => `  ${name}: {kind: external, relation: raw.${stream}}\n`,
  )
  return `assets:\n${lines.join('')}`
}

/** One project on both targets, with the same raw rows. */
export async function bothTargets(source: string, url: string, database: string) {
  const local = await dvdRentalDesk({ target: 'local', python: await sharedPython() })
  const made = await pythonWith('dbt/requirements-snowflake.txt')
  if (!made.ok) throw new Error(made.problems[0]?.message)
  const prod = await dvdRentalDesk({ target: 'prod', python: made.value, url, database })
  const file = join(local.root, '.assets/warehouse.duckdb')
  mkdirSync(join(local.root, '.assets'), { recursive: true })
  await makeRawTables(await sharedPython(), source, file)
  for (const { name, columns, rows } of await readRawTables(file)) {
    const load = {
      relation: `raw.${name}`,
      columns,
      mode: { how: 'replace' },
      extractedAt: 0,
      syncId: 1,
      generationId: 0,
    } as const
    await loadAsAirbyte(url, database, load, rows)
  }
  return { local, prod }
}
