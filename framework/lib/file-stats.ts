import { type BigIntStats, type Stats, statSync } from 'node:fs'

/**
 * The stats of a path; undefined where nothing is, also if one of its folders is a file. For that, Node 20 throws
 * ENOTDIR although `throwIfNoEntry` is false; newer versions do not. Throws if the path can't be looked at.
 */
export function fileStats(path: string): Stats | undefined {
  return whereAnythingIs(() => statSync(path, { throwIfNoEntry: false }))
}

/** The same in nanoseconds. */
export function preciseFileStats(path: string): BigIntStats | undefined {
  return whereAnythingIs(() => statSync(path, { bigint: true, throwIfNoEntry: false }))
}

/** The change token of a file. It has the change time, because a copy may keep size and modification time. */
export const tokenOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string =>
  [size, mtimeMs, ctimeMs, ino].join(':')

function whereAnythingIs<T>(look: () => T | undefined): T | undefined {
  try {
    return look()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}
