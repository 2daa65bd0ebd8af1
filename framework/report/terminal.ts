/** What decides whether a stream is shown to a person who watches it. */
export interface Watched {
  readonly isTTY: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Whether a stream is a terminal that can move its cursor. A job of a CI system may have a terminal, but its log is
 * read later; `TERM=dumb` is a terminal that can only append.
 */
export function canRedraw({ isTTY, env }: Watched): boolean {
  return isTTY && env.TERM !== 'dumb' && !isSet(env.CI)
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false'
