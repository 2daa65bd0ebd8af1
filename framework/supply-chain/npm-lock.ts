import type { Component, Digest } from './component.ts'

/** A package of `package-lock.json`. */
export interface LockedPackage {
  readonly version: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: true
  readonly optional?: true
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The packages of `package-lock.json` by folder: `node_modules/pg`. The empty folder is the project. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>

/** A package in the bundle, from a first line of `dist/LICENSES.txt`: `yaml 2.9.1 (ISC)`. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly licence: string
}

/** The packages that `dist/LICENSES.txt` names. Pure. */
export function bundledPackages(licenses: string): readonly BundledPackage[] {
  return licenses.split('\n\n---\n\n').map((section) => {
    const [, name, version, licence] = /^(\S+) (\S+) \((.+)\)\n/.exec(section) ?? []
    if (name === undefined || version === undefined || licence === undefined)
      throw new Error(`LICENSES.txt has a section without a package: ${section.slice(0, 60)}`)
    return { name, version, licence }
  })
}

/** Licences that the lock file lacks, because the package states them in a field that npm no longer reads. */
const UNSTATED: Readonly<Record<string, string>> = { 'simple-lru-cache': 'MIT' }

/** The SPDX expression of a locked package; undefined if nothing states it. Pure. */
export function licenceOf(name: string, locked: LockedPackage): string | undefined {
  return locked.license ?? UNSTATED[name]
}

/**
 * Compiled into the SQLite driver, and no packages of npm. Of Node.js it is a few hundred lines, which no
 * advisory names by a version.
 */
const NATIVE: Readonly<Record<string, 'a component' | 'only its licence'>> = {
  SQLite: 'a component',
  'Node.js': 'only its licence',
}

/**
 * What npm installs with the package and what is in its bundle, each name and version once, ordered by package
 * URL. Throws for a package without a licence, and for a bundled one that is not locked. Pure.
 */
export function npmComponents(
  packages: LockedPackages,
  bundled: readonly BundledPackage[],
): readonly Component[] {
  const inBundle = new Set(bundled.map(({ name, version }) => npmUrl(name, version)))
  const components = new Map<string, Component>()
  for (const [folder, locked] of Object.entries(packages)) {
    const name = nameOf(folder)
    const purl = npmUrl(name, locked.version)
    const isInstalled = locked.dev !== true
    if (folder === '' || !(isInstalled || inBundle.has(purl))) continue
    const licence = licenceOf(name, locked)
    if (licence === undefined) throw new Error(`${name} states no licence`)
    // Two folders may hold one version, and each finds its own packages.
    const twin = components.get(purl)
    const needs = [...new Set([...(twin?.needs ?? []), ...neededBy(packages, folder)])].sort()
    components.set(purl, {
      name,
      version: locked.version,
      purl,
      licence,
      hashes: digestsOf(locked),
      use: isInstalled || twin?.use === 'installed' ? 'installed' : 'bundled',
      isOptional: locked.optional === true && twin?.isOptional !== false,
      needs,
      notes: {},
    })
  }
  for (const { name, version, licence } of bundled) {
    if (components.has(npmUrl(name, version)) || NATIVE[name] === 'only its licence') continue
    if (NATIVE[name] === undefined) throw new Error(`${name} ${version} is bundled and not locked`)
    components.set(name, nativeComponent({ name, version, licence }))
  }
  const known = new Set([...components.values()].map(({ purl }) => purl))
  return [...components.values()]
    .map((one) => ({ ...one, needs: one.needs?.filter((purl) => known.has(purl)) ?? null }))
    .sort((a, b) => (a.purl < b.purl ? -1 : 1))
}

function nativeComponent({ name, version, licence }: BundledPackage): Component {
  const purl = `pkg:generic/${name.toLowerCase()}@${version}`
  const more = { hashes: [], isOptional: false, needs: [], notes: {} }
  return { name, version, purl, licence, use: 'bundled', ...more }
}

/** Package URLs of the packages that a folder requires, as Node finds them. */
function neededBy(packages: LockedPackages, folder: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = packages[folder]!
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (const above of foldersAbove(folder)) {
      const locked = packages[`${above}node_modules/${name}`]
      if (locked !== undefined) return [npmUrl(name, locked.version)]
    }
    return []
  })
  return found
}

/** `node_modules/a/node_modules/b` → the prefixes with which its packages are looked for, nearest first. */
function foldersAbove(folder: string): readonly string[] {
  const parts = folder.split(/(?:^|\/)node_modules\//)
  return parts.map((_, k) => {
    const above = parts.slice(1, parts.length - k)
    return above.map((name) => `node_modules/${name}/`).join('')
  })
}

const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 13)

const npmUrl = (name: string, version: string) =>
  `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`

/** npm's `sha512-…` in base64 as CycloneDX writes it. */
function digestsOf({ integrity = '' }: LockedPackage): readonly Digest[] {
  return integrity.split(' ').flatMap((one): readonly Digest[] => {
    const [, base64] = /^sha512-(.+)$/.exec(one) ?? []
    if (base64 === undefined) return []
    return [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }]
  })
}
