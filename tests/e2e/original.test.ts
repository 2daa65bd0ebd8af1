import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { sharedPython } from '../rig/python.ts'

// The whole pipeline on the well-known DVD-rental database, in a real PostgreSQL. The data is not
// part of this repository: ASSETS_SHARED names the folder that holds it.
const shared = process.env.ASSETS_SHARED

describe.skipIf(shared === undefined)(
  'the well-known DVD-rental database (needs ASSETS_SHARED)',
  () => {
    let server: PostgresRig
    let project: CliProject

    beforeAll(async () => {
      server = await startPostgres()
      const url = await server.database()
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await loadDump(client, join(shared!, 'data/dvdrental/dvdrental-tables-and-data.sql'))
      await client.end()
      project = CliProject.dvdRental({
        ASSETS_PYTHON_ENV: await sharedPython(),
        SOURCE_DATABASE_URL: url,
      })
      const built = await project.run('materialize')
      if (built.code !== 0) throw new Error(built.stderr)
    })
    afterAll(async () => {
      project?.remove()
      await server?.stop()
    })

    it('has the known revenue of each month', () => {
      const months = rows(project, 'revenue_trend').map(({ month, revenue }) => [month, revenue])
      expect(months).toEqual([
        ['2007-02-01', '8351.84'],
        ['2007-03-01', '23886.56'],
        ['2007-04-01', '28559.46'],
        ['2007-05-01', '514.18'],
      ])
      const days = rows(project, 'daily_revenue')
      expect(sum(days.map(({ payments }) => payments))).toBe(14_596)
      expect(sum(days.map(({ revenue }) => revenue))).toBe(61_312.04)
    })

    it('has its highest revenue in India, China and the United States', () => {
      const top = rows(project, 'country_sales').slice(0, 3)
      expect(top.map(({ country, revenue }) => [country, revenue])).toEqual([
        ['India', '6034.78'],
        ['China', '5251.03'],
        ['United States', '3685.31'],
      ])
    })

    it('has the known number of customers in a segment', () => {
      const segments = rows(project, 'segment_behaviour')
      const customers = Object.fromEntries(segments.map((row) => [row.segment, row.customers]))
      expect(customers['Key Valuable Customer']).toBe('65')
      expect(customers['General At Risk Customer']).toBe('201')
    })

    it('has 183 open rentals', () => {
      expect(rows(project, 'open_rentals')).toHaveLength(183)
    })

    it('has nothing to do the second time', async () => {
      const again = await project.run('materialize')
      expect(again.stdout).toContain('nothing to do')
    })
  },
)

function rows(project: CliProject, report: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(project.path(`extracts/local/${report}.csv`), 'utf8')
    .trim()
    .split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    // A quoted field may contain a comma. No field of these reports contains a quote or a line break.
    const cells = [...line.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell)
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))
  })
}

function sum(values: readonly (string | undefined)[]): number {
  return Math.round(values.reduce((total, value) => total + Number(value), 0) * 100) / 100
}

/**
 * Loads a plain dump. Its COPY blocks are psql syntax, so their rows are sent with the COPY
 * protocol.
 */
async function loadDump(client: pg.Client, file: string): Promise<void> {
  const { from } = await import('pg-copy-streams')
  const { Readable } = await import('node:stream')
  const { pipeline } = await import('node:stream/promises')
  const parts = readFileSync(file, 'utf8').split(/^(COPY [^;]+;)\n([\s\S]*?)^\\\.\n/m)
  for (let at = 0; at < parts.length; at += 3) {
    await client.query(parts[at]!.replaceAll(/^\\.*$/gm, ''))
    const copy = parts[at + 1]
    if (copy === undefined) break
    await pipeline(Readable.from([parts[at + 2] ?? '']), client.query(from(copy)))
  }
}
