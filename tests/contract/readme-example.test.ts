import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Kind } from '../../framework/ports/kind.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { assetOf, definedBy, siteOf } from './suites/site.ts'

/** The TypeScript of "Add an adapter" in framework/README.md, in the folder where it says to put it. */
const ROOT = join(REPOSITORY, 'framework')
let folder: string
beforeEach(() => {
  const [declaration = '', index = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8')
    .split('```ts\n')
    .slice(1)
    .map((block) => block.slice(0, block.indexOf('```')))
  folder = mkdtempSync(join(REPOSITORY, 'node_modules', '.example-'))
  const placed = (text: string) =>
    text.replaceAll("'../../", `'${ROOT}/`).replaceAll("'../", `'${ROOT}/kinds/`)
  writeFileSync(join(folder, 'declaration.ts'), placed(declaration))
  writeFileSync(join(folder, 'index.ts'), placed(index))
  mkdirSync(join(folder, 'project'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the example kind writes its file, and sees when someone edits it', async () => {
  const { createKind } = (await import(join(folder, 'index.ts'))) as { createKind(): Kind }
  const kind = createKind()
  const site = siteOf({ root: join(folder, 'project') })
  const subject = await definedBy(
    kind,
    assetOf('note', 'greeting', { file: 'a.txt', text: 'hi' }),
    site,
  )
  const reports: string[] = []
  await kind.run(
    {
      run: 1,
      number: 1,
      signal: site.signal,
      onSideWrite: () => {},
      onWait: () => {},
      steps: [
        {
          name: 'greeting',
          action: 'build',
          full: true,
          reasons: [],
          after: [],
          subject: {
            is: 'asset',
            record: null,
            inputs: new Map(),
            inputsCommitted: null,
            unfinished: null,
            freshSince: null,
            ...subject,
          },
        },
      ],
    },
    async ({ step }) => void reports.push(step),
    site,
  )
  expect(reports).toEqual(['started', 'built'])
  const built = await kind.measure(subject, site)
  writeFileSync(join(site.root, 'a.txt'), 'edited')
  const edited = await kind.measure(subject, site)
  expect([built.ok, edited.ok]).toEqual([true, true])
  expect(edited).not.toEqual(built)
})
