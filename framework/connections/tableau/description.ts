// The description of a data source says who published it. Publishing without a description empties it.

/** Who publishes a data source: an asset on a target of a project. */
export interface Publisher {
  readonly project: string
  readonly asset: string
  readonly target: string
}

/** Characters of an asset's description that Tableau shows. */
const LONGEST = 1_000
const LAST_LINE = /Published by assets from ([^/\n]+)\/(\S+) on (\S+), run \d+ \((\w+)\)\.$/

/** The description of a data source. `mark`: a text that no other publication has. */
export function descriptionOf(
  text: string | null,
  { project, asset, target }: Publisher,
  run: number,
  mark: string,
): string {
  const about = text === null ? '' : `${text.slice(0, LONGEST)}\n\n`
  return `${about}Published by assets from ${project}/${asset} on ${target}, run ${run} (${mark}).`
}

/** What a description says of its publication; null if it was not published from here. */
export function publisherIn(description: string): (Publisher & { readonly mark: string }) | null {
  const [, project, asset, target, mark] = LAST_LINE.exec(description.trimEnd()) ?? []
  return project === undefined ? null : { project, asset: asset!, target: target!, mark: mark! }
}

export const hasMark = (description: string, mark: string): boolean =>
  publisherIn(description)?.mark === mark
