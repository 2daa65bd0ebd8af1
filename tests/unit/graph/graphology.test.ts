import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { buildGraph } from '../../../framework/graph/graph.ts'

const isLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => /[/]graphology[/]/.test(file))

test('graphology is loaded for the report of a cycle, not for a graph without one', () => {
  const a = { name: 'a', deps: ['b'], file: 'assets.yaml' }
  const b = { name: 'b', deps: [], file: 'assets.yaml' }
  expect(buildGraph([a, b], []).ok).toBe(true)
  expect(isLoaded()).toBe(false)
  expect(buildGraph([a, { ...b, deps: ['a'] }], []).ok).toBe(false)
  expect(isLoaded()).toBe(true)
})
