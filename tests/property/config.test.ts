import fc from 'fast-check'
import { expect, it } from 'vitest'
import { load, problemsIn, projectFolder } from '../rig/config.ts'
import { YAML_SNIPPETS } from '../rig/yaml-snippets.ts'

const VALID = `version: 1
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

const snippet = fc.oneof(
  fc.constantFrom(
    ...YAML_SNIPPETS,
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

/** A valid project with some spans replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat(VALID.length), fc.nat(20), fc.array(snippet, { maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) =>
    edits.reduce((text, [at, length, snippets]) => {
      return text.slice(0, at) + snippets.join('') + text.slice(at + length)
    }, VALID),
  )

it('any text is a project, or problems with locations inside the text', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      const root = projectFolder({ 'assets.yaml': text })
      const loaded = await load(root)
      if (loaded.ok) return
      const lines = text.split('\n')
      expect(loaded.problems.length).toBeGreaterThan(0)
      for (const { message, at } of await problemsIn(root)) {
        expect(message).not.toMatch(/undefined|\[object|Invalid input|\n/)
        if (at === undefined || !('line' in at)) throw new Error(`no location: ${message}`)
        const line = lines[at.line - 1]
        expect(line, message).toBeDefined()
        expect(at.column, message).toBeLessThanOrEqual((line?.length ?? 0) + 1)
        expect(at.endLine ?? at.line, message).toBeLessThanOrEqual(lines.length)
      }
    }),
    { numRuns: 500, seed: 7 },
  )
})
