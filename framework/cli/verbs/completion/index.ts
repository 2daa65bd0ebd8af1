import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { ownPackage } from '../../version.ts'

type Shell = 'bash' | 'zsh' | 'fish'

/**
 * `assets completion SHELL`: prints the script. It calls the `assets` on the PATH. Where there is none, as with npx, it
 * calls the program that printed it. It never looks in the current folder, which may be anyone's.
 */
export async function printCompletion(
  _context: Context,
  output: Output,
  shell: Shell,
): Promise<number> {
  const script = readFileSync(new URL(`./completion.${shell}`, import.meta.url), 'utf8')
  const program = join(ownPackage().folder, 'framework', 'bin', 'assets')
  output.print(script.trimEnd().replaceAll('__PROGRAM__', () => quoted(program, shell)))
  return EXIT.done
}

function quoted(text: string, shell: Shell): string {
  return shell === 'fish'
    ? `'${text.replaceAll(/['\\]/g, '\\$&')}'`
    : `'${text.replaceAll("'", "'\\''")}'`
}
