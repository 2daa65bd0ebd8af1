import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')

it('importing config/ loads neither the YAML parser nor zod', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['framework/config/index.ts'],
    outdir: 'nowhere',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
  })
  const importsOf = (output: string, kind: 'import-statement' | 'dynamic-import') =>
    (metafile.outputs[output]?.imports ?? []).filter((one) => one.kind === kind)
  const packagesOf = (output: string): string[] =>
    importsOf(output, 'import-statement').flatMap(({ path, external }) =>
      external ? [path] : packagesOf(path),
    )
  const packages = packagesOf('nowhere/index.js').filter((name) => !name.startsWith('node:'))
  expect(packages).toEqual([])
  expect(importsOf('nowhere/index.js', 'dynamic-import').length).toBeGreaterThan(0)
})
