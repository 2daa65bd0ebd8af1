import { expect, test } from 'vitest'
import { outputConflicts, type ProjectOutputs } from '../../../framework/graph/conflicts.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import { plainAsset } from '../../rig/asset.ts'

/** The problems of assets that write these files, `{target}` standing for the target. */
function told(
  targets: readonly string[],
  files: Readonly<Record<string, readonly string[]>>,
  relations: Readonly<Record<string, string>> = {},
): readonly string[] {
  const names = new Set([...Object.keys(files), ...Object.keys(relations)])
  const assets = [...names].map((name): Asset => plainAsset(name))
  const writing: ProjectOutputs = {
    targets,
    files: ({ name }, target) =>
      (files[name] ?? []).map((file) => file.replaceAll('{target}', target)),
    targetHint: () => null,
    relation: ({ name }) => relations[name] ?? null,
  }
  return outputConflicts(assets, writing).map(
    ({ code, asset, message }) => `${code} ${asset}: ${message}`,
  )
}

test('one target: two assets may not write one file, one asset may name a file twice', () => {
  expect(told(['local'], { a: ['x.csv', 'x.csv'], b: ['y.csv'] })).toEqual([])
  expect(told(['local'], { a: ['x.csv'], b: ['y.csv', 'x.csv'] })).toEqual([
    'output-conflict b: a and b both write x.csv',
  ])
})

test('two targets: a file has to tell them apart', () => {
  expect(told(['local', 'prod'], { a: ['out/{target}/x.csv'] })).toEqual([])
  expect(told(['local', 'prod', 'test'], { a: ['out/x.csv', 'out/y.csv'] })).toEqual([
    "shared-output a: a writes out/x.csv on target local and on target prod, so each would undo the other's",
  ])
})

test('two assets meet on two targets, too, and are told once', () => {
  const apart = { a: ['{target}/x.csv'], b: ['prod/x.csv'] }
  expect(told(['local'], apart)).toEqual([])
  expect(told(['local', 'prod'], { a: ['{target}/x.csv'], b: ['{target}/x.csv'] })).toEqual([
    'output-conflict b: a and b both write local/x.csv',
  ])
  expect(told(['local', 'prod'], apart)).toEqual([
    'output-conflict b: a and b both write prod/x.csv',
  ])
})

test('relations are compared as warehouses do, and apart from files', () => {
  expect(told(['local', 'prod'], {}, { a: 'raw.film', b: 'RAW.Film' })).toEqual([
    'output-conflict b: a and b both write RAW.Film',
  ])
  expect(told(['local'], { a: ['raw.film'] }, { b: 'raw.film' })).toEqual([])
})
