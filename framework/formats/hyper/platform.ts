import { existsSync } from 'node:fs'

/** What decides whether Hyper runs on a machine. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Whether its C library is glibc; counts on Linux only. */
  readonly isGlibc: boolean
}

/** This machine. */
export function thisMachine(): Machine {
  const { platform, arch } = process
  return { platform, arch, isGlibc: platform !== 'linux' || hasGlibc() }
}

/** The loader of glibc, which starts `hyperd`. Node's report knows the library, too, but takes 20 ms. */
const LOADER = '/lib64/ld-linux-x86-64.so.2'

const hasGlibc = (): boolean => existsSync(LOADER)

/**
 * Why Hyper does not run on a machine; null if it does. tableauhyperapi 0.0.26963 has builds for Linux (glibc, x86-64)
 * and Windows, and 0.0.26479 for macOS.
 */
export function whyNoHyper({ platform, arch, isGlibc }: Machine): string | null {
  if (platform === 'darwin') return null
  if (platform !== 'linux') return `there is no build of it that assets can run on ${platform}`
  if (arch !== 'x64') return `there is no build of it for Linux on ${arch}, only on x86-64`
  return isGlibc ? null : 'there is no build of it for musl (Alpine Linux), only for glibc'
}
