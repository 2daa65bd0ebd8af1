import { expect, test } from 'vitest'
import { outputConflicts, type ProjectOutputs } from '../../../framework/graph/conflicts.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import { plainAsset } from '../../rig/asset.ts'

/** The problems of assets that write these files and relations, as texts. */
function conflictsOf(
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
    placeOf: (file) => file,
    ownerOf: () => null,
    targetHint: () => null,
    relation: ({ name }) => relations[name] ?? null,
    published: () => null,
  }
  return outputConflicts(assets, writing).map(
    ({ code, asset, message }) => `${code} ${asset}: ${message}`,
  )
}

test('one target: two assets must not write the same file, one asset may list a file twice', () => {
  expect(conflictsOf(['local'], { a: ['x.csv', 'x.csv'], b: ['y.csv'] })).toEqual([])
  expect(conflictsOf(['local'], { a: ['x.csv'], b: ['y.csv', 'x.csv'] })).toEqual([
    'output-conflict b: a and b both write x.csv',
  ])
})

test('two targets: a path must depend on the target', () => {
  expect(conflictsOf(['local', 'prod'], { a: ['out/{target}/x.csv'] })).toEqual([])
  expect(conflictsOf(['local', 'prod', 'test'], { a: ['out/x.csv', 'out/y.csv'] })).toEqual([
    "shared-output a: a writes out/x.csv on target local and on target prod, so each target overwrites the other's file",
  ])
})

test('two assets that conflict on several targets are reported once', () => {
  const onProd = { a: ['{target}/x.csv'], b: ['prod/x.csv'] }
  expect(conflictsOf(['local'], onProd)).toEqual([])
  expect(conflictsOf(['local', 'prod'], { a: ['{target}/x.csv'], b: ['{target}/x.csv'] })).toEqual([
    'output-conflict b: a and b both write local/x.csv',
  ])
  expect(conflictsOf(['local', 'prod'], onProd)).toEqual([
    'output-conflict b: a and b both write prod/x.csv',
  ])
})

test('relations are compared without case, and are never equal to files', () => {
  expect(conflictsOf(['local', 'prod'], {}, { a: 'raw.film', b: 'RAW.Film' })).toEqual([
    'output-conflict b: a and b both write RAW.Film',
  ])
  expect(conflictsOf(['local'], { a: ['raw.film'] }, { b: 'raw.film' })).toEqual([])
})

test('publications: two assets, and two targets, must not have one data source', () => {
  const conflicts = (of: Readonly<Record<string, string>>) =>
    outputConflicts(
      ['a', 'b'].map((name) => plainAsset(name)),
      {
        targets: ['local', 'prod'],
        files: () => [],
        placeOf: (file) => file,
        ownerOf: () => null,
        targetHint: () => null,
        relation: () => null,
        published: ({ name }, target) => {
          const place = of[`${name} on ${target}`]
          return place === undefined ? null : { place, name: `the data source ${place}` }
        },
      },
    ).map(({ message, hint }) => `${message}; ${hint}`)
  expect(conflicts({ 'a on local': 'x', 'a on prod': 'y', 'b on prod': 'z' })).toEqual([])
  expect(conflicts({ 'a on prod': 'Sales', 'b on prod': 'sales' })).toEqual([
    'a and b both write the data source sales; give one of them another file or name',
  ])
  expect(conflicts({ 'a on local': 'x', 'a on prod': 'x' })).toEqual([
    "a writes the data source x on target local and on target prod, so each target overwrites the other's data source; put {target} into `project:` or `name:` of `publish:`",
  ])
})

test('two spellings of one file are one output, and a file of the project is none', () => {
  const outputs: ProjectOutputs = {
    targets: ['local'],
    files: ({ name }) => [`${name}/x.csv`],
    placeOf: (file) => file.replace('link/', 'out/'),
    ownerOf: (place) => (place === 'own/x.csv' ? 'the state' : null),
    targetHint: () => null,
    relation: () => null,
    published: () => null,
  }
  const assets = ['out', 'link', 'other', 'own'].map((name) => plainAsset(name))
  expect(outputConflicts(assets, outputs).map(({ message }) => message)).toEqual([
    'out and link both write one file: out/x.csv and link/x.csv lead to the same place',
    'own writes own/x.csv, which is the state',
  ])
})
