const UNITS = ['', 'K', 'M', 'G', 'T']

/** `5GB`, `512MiB`, `1000`. */
export const SIZE = /^\d+(\.\d+)?\s*[KMGT]?i?B?$/i

/** The bytes of a size such as `5GB`. `GB` and `GiB` both mean 1024³. */
export function parseBytes(text: string): number {
  const [, amount = '0', unit = ''] = /^([\d.]+)\s*([KMGT]?)/i.exec(text.trim()) ?? []
  return Number(amount) * 1024 ** UNITS.indexOf(unit.toUpperCase())
}

/** Formats bytes in the largest unit that gives at least 1: `0 B`, `512 MB`, `1.4 GB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  const digits = power > 0 && amount < 10 ? 1 : 0
  return `${amount.toFixed(digits)} ${UNITS[power]}B`
}
