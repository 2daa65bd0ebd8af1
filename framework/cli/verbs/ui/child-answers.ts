import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { ownPackage } from '../../version.ts'

/**
 * Asks a process of its own for a document of the page, so that what it needs is free again afterwards. Returns what it
 * printed: the document, or `assets/problems/1`. Throws an error if it ended without either.
 */
export async function askChild(
  { cwd, env, vars, signal }: Pick<Context, 'cwd' | 'env' | 'vars' | 'signal'>,
  target: string,
  question: string,
): Promise<string> {
  const program = join(ownPackage().folder, 'framework', 'bin', 'assets')
  const given = vars === undefined ? [] : ['--vars', vars]
  const words = [program, 'ui', '--read', question, '--target', target, ...given]
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
  })
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  const text = Buffer.concat(parts).toString().trim()
  if (text === '') throw new Error('the project could not be read; `assets status` says why')
  return text
}
