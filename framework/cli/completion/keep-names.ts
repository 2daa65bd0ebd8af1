import { hash } from '../../lib/hash.ts'
import type { Project } from '../../model/project.ts'
import type { Trait } from '../../model/tables/asset-table.ts'
import { buildId } from '../version.ts'
import { storedKey, storeNames } from './names-file.ts'

/** Keeps the names of a project with all its assets for the shell, if they may have changed. */
export function keepNames(home: string, project: Project): void {
  const key = keyOf(project)
  if (storedKey(home) === key) return
  const { names, trait, traits } = project.assets.arrays
  const abouts = [...new Set(traits.map(aboutOf))]
  const numbers = new Map(abouts.map((about, i) => [about, i]))
  const ofTrait = traits.map((one) => numbers.get(aboutOf(one))!)
  storeNames(home, key, {
    assets: names.bytes,
    about: trait.map((at) => ofTrait[at]!),
    abouts,
    ...headOf(project),
  })
}

/** A hash of all that the names are made from: the YAML files, and what was found beside them. */
function keyOf({ assets, targets, jobs, selectors, defaultTarget }: Project): string {
  const files = assets.arrays.files.flatMap(({ file, hash }) => [file, hash])
  const words = [targets, jobs, selectors].map((one) => Object.keys(one).join('\n'))
  return hash(buildId, defaultTarget, ...words, ...files)
}

function headOf({ assets, targets, jobs, selectors, defaultTarget }: Project) {
  const { traits } = assets.arrays
  return {
    methods: {
      group: sorted(traits.flatMap(({ group }) => group ?? [])),
      tag: sorted(traits.flatMap(({ tags }) => Object.entries(tags).map(tagOf))),
      kind: sorted(traits.map(({ kind }) => kind)),
      owner: sorted(traits.flatMap(({ owners }) => owners)),
      selector: sorted(Object.keys(selectors)),
    },
    jobs: Object.values(jobs).map(({ name, select }) => ({ word: name, about: select })),
    targets: Object.keys(targets),
    defaultTarget,
    connections: sorted(Object.values(targets).flatMap((one) => Object.keys(one.connections))),
  }
}

const aboutOf = ({ kind, group }: Trait): string => (group === null ? kind : `${kind}, ${group}`)

const tagOf = ([key, value]: readonly [string, string]): string =>
  value === '' ? key : `${key}=${value}`

const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].sort()
