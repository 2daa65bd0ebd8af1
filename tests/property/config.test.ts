import fc from 'fast-check'
import { expect, it } from 'vitest'
import { load, problemsIn, projectFolder } from '../rig/config.ts'
import { YAML_PIECES } from '../rig/yaml-pieces.ts'

const RIGHT = `version: 1
project: shop
targets:
  local:
    warehouse: {type: duckdb, path: "\${FILE:-w.duckdb}", threads: 2}
defaults: &d {kind: dbt, owners: [finance]}
assets:
  a: {kind: command, run: [make, "a"], freshness: {max_age: 1h}}
  b:
    deps: [a]
    description: |
      Several
      lines.
  c: {<<: *d, deps: [a, b]} # the last
`

const piece = fc.oneof(
  fc.constantFrom(
    ...YAML_PIECES,
    ...['*d', '&d ', '!!binary ', '@', '`', '...', '\\', '\0', '\ufeff'],
    ...[
      'assets',
      'deps',
      'kind',
      'null',
      '~',
      '1e999',
      '.nan',
      '0x',
      '${',
      `\${A}`,
      '__proto__',
      '𝄞',
    ],
  ),
  fc.string({ maxLength: 5 }),
)

/** A right project with some spans of it replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat(RIGHT.length), fc.nat(20), fc.array(piece, { maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((cuts) =>
    cuts.reduce((text, [at, length, pieces]) => {
      return text.slice(0, at) + pieces.join('') + text.slice(at + length)
    }, RIGHT),
  )

it('whatever stands in a file, it is a project or problems with places in it', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      const root = projectFolder({ 'assets.yaml': text })
      const loaded = await load(root)
      if (loaded.ok) return
      const lines = text.split('\n')
      expect(loaded.problems.length).toBeGreaterThan(0)
      for (const { message, at } of await problemsIn(root)) {
        expect(message).not.toMatch(/undefined|\[object|Invalid input|\n/)
        if (at === undefined || !('line' in at)) throw new Error(`no place: ${message}`)
        const line = lines[at.line - 1]
        expect(line, message).toBeDefined()
        expect(at.column, message).toBeLessThanOrEqual((line?.length ?? 0) + 1)
        expect(at.endLine ?? at.line, message).toBeLessThanOrEqual(lines.length)
      }
    }),
    { numRuns: 500, seed: 7 },
  )
})
