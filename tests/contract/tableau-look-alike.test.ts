import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { pythonWith } from '../rig/python.ts'
import { TableauLookAlike, TOKEN, VERSION } from '../rig/tableau/look-alike.ts'

// The vendor's own client is content with the look-alike, so what our client sees there is what it sees at Tableau, as far as
// the vendor's client looks.

const RIG = join(import.meta.dirname, '../rig/tableau')
const installed = await pythonWith('tests/rig/tableau/vendor-requirements.txt', "Tableau's client")
const folder = installed.ok ? installed.value : null
const why = installed.ok ? '' : ` (${installed.problems[0]!.message})`

async function throughVendor(blocks: boolean) {
  const server = await TableauLookAlike.start()
  const root = mkdtempSync(join(tmpdir(), 'assets-tableau-'))
  const file = join(root, 'revenue.hyper')
  const bytes = randomBytes(2_500_000)
  writeFileSync(file, bytes)
  const [project] = server.store.projects
  server.store.addProject('Finance')
  server.store.addContent({ type: 'workbook', name: 'Dashboard', project: project! })
  try {
    const { stdout } = await promisify(execFile)(
      join(folder!, 'bin/python'),
      [join(RIG, 'vendor.py'), server.url, TOKEN.name, TOKEN.secret, 'rental', file],
      { env: { ...process.env, ...(blocks ? { TSC_FILESIZE_LIMIT_MB: '0' } : {}) } },
    )
    return { seen: JSON.parse(stdout) as Record<string, unknown>, server, bytes }
  } finally {
    rmSync(root, { recursive: true })
    await server.close()
  }
}

const SEEN = {
  version: VERSION,
  'wrong token': 'FailedSignInError',
  projects: ['Finance', 'default'],
  published: ['Revenue & <trend>', true],
  'published twice': '409006',
  job: ['PublishDatasource', 0],
  datasources: [1, 'Revenue & <trend>', 'True'],
  refresh: 'RefreshExtract',
  // The client prints the refusal and returns nothing.
  'refresh twice': null,
  jobs: [
    ['publish_datasource', 'Success'],
    ['refresh_extracts', 'InProgress'],
  ],
  refreshed: true,
  cancelled: 2,
  'no job': '404031',
  'workbook refresh': 'RefreshExtract',
  deleted: '404004',
}

describe.skipIf(folder === null)(`the vendor's client${why}`, () => {
  test('signs in, publishes in one piece, refreshes, cancels and signs out', async () => {
    const { seen, server } = await throughVendor(false)
    expect(seen).toEqual(SEEN)
    expect(server.store.uploads.size).toBe(0)
    expect(server.calls.at(-1)).toBe('POST /auth/signout')
  })

  test('publishes in blocks, whose bytes arrive in order', async () => {
    const { seen, server: used, bytes } = await throughVendor(true)
    expect(seen).toEqual(SEEN)
    const uploads = [...used.store.uploads.values()]
    expect(uploads.length).toBeGreaterThan(0)
    for (const blocks of uploads) {
      expect(blocks.length).toBe(3)
      expect(Buffer.concat(blocks).equals(bytes)).toBe(true)
    }
  })
})
