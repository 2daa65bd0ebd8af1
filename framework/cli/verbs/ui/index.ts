import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { answer } from './answer.ts'
import { exportPage } from './export.ts'
import { serve } from './serve.ts'
import type { UiOptions } from './ui-options.ts'

/** `assets ui`: the page, as a local server or as one file. */
export async function ui(context: Context, output: Output, options: UiOptions): Promise<number> {
  if (options.read !== null) return answer(context, options.read, options.target)
  if (options.export !== null) {
    return options.host === null && options.port === null && !options.open
      ? exportPage(context, output, options.export, options.target)
      : output.fail([EXPORT_ALONE], EXIT.usage)
  }
  return serve(context, output, options)
}

const EXPORT_ALONE = {
  code: 'usage',
  message:
    '--export writes a file and starts no server, so --port, --host and --open mean nothing with it',
  hint: 'remove them, or remove --export',
} as const
