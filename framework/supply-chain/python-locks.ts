import type { Component } from './component.ts'

/** A locked package of a requirements file. */
export interface Requirement {
  readonly name: string
  readonly version: string
  /** The condition under which it is installed: `python_full_version < '3.11'`. Empty: always. */
  readonly marker: string
  /** SHA-256 of the files that the index has of it. */
  readonly hashes: readonly string[]
}

/** The requirements of a file with exact versions and hashes, as `uv pip compile` writes it. Pure. */
export function requirementsOf(text: string): readonly Requirement[] {
  const lines = text.replaceAll(/^ *#.*\n/gm, '').replaceAll(/ *\\\n */g, ' ')
  return lines.split('\n').flatMap((line) => {
    if (line.trim() === '') return []
    const [, name, version, marker = ''] =
      /^([\w.-]+)==([^\s;]+)(?: ; (.*?))?(?= --hash=|$)/.exec(line) ?? []
    const hashes = [...line.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, hex]) => hex!)
    if (name === undefined || version === undefined || hashes.length === 0)
      throw new Error(`not a locked requirement: ${line.slice(0, 80)}`)
    return [{ name: name.toLowerCase().replaceAll(/[-_.]+/g, '-'), version, marker, hashes }]
  })
}

/**
 * The packages of several locks, each name and version once, ordered by package URL. `locks`: their text by
 * name. `licences`: SPDX expressions by package. Throws for a package without one. Pure.
 */
export function pythonComponents(
  locks: Readonly<Record<string, string>>,
  licences: ReadonlyMap<string, string>,
): readonly Component[] {
  const components = new Map<string, Component>()
  for (const [lock, text] of Object.entries(locks)) {
    for (const { name, version, marker, hashes } of requirementsOf(text)) {
      const purl = `pkg:pypi/${name}@${encodeURIComponent(version)}`
      const licence = licences.get(name)
      if (licence === undefined) throw new Error(`decisions/0009 has no licence of ${name}`)
      const earlier = components.get(purl)?.notes.locks
      components.set(purl, {
        name,
        version,
        purl,
        licence,
        hashes: hashes.map((content) => ({ alg: 'SHA-256', content })),
        use: 'installed on first use',
        isOptional: true,
        needs: null,
        notes: {
          locks: earlier === undefined ? lock : `${earlier}, ${lock}`,
          ...(marker === '' ? {} : { marker }),
        },
      })
    }
  }
  return [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1))
}
