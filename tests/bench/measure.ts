import { spawn } from 'node:child_process'

/** The median, which a single disturbed measurement does not change. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The wall time of one program in seconds. Rejects when the program fails. */
export function secondsOf(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2_000)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve((performance.now() - startedAt) / 1000)
      else reject(new Error(`${command} ${args.join(' ')} exited with ${code}:\n${stderr}`))
    })
  })
}

/** Measures both programs alternately, so that other load on the machine affects both. */
export async function alternate(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<{ readonly ours: number; readonly peer: number; readonly ratio: number }> {
  const mine: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    theirs.push(await peer())
    mine.push(await ours())
  }
  return { ours: median(mine), peer: median(theirs), ratio: median(mine) / median(theirs) }
}

/** One line of output: `assets list   1.9 × node -e 0   goal ≤ 3   0.12 s / 0.06 s`. */
export function resultLine(
  what: string,
  peer: string,
  goal: number | null,
  measured: { readonly ours: number; readonly peer: number; readonly ratio: number },
): string {
  const { ours, peer: theirs, ratio } = measured
  const wanted = goal === null ? '' : `goal ≤ ${goal}`
  const seconds = `${ours.toFixed(2)} s / ${theirs.toFixed(2)} s`
  return `${what.padEnd(48)} ${ratio.toFixed(2).padStart(6)} × ${peer.padEnd(14)} ${wanted.padEnd(12)} ${seconds}`
}
