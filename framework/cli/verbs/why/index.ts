import { closest } from '../../../lib/did-you-mean.ts'
import type { Problem } from '../../../model/problem.ts'
import { whyReporter } from '../../../report/why.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { type ViewOptions, withView } from '../../view.ts'
import { whyReportOf } from './why-report-of.ts'

/** `assets why ASSET`: the chain of causes, from one asset or check to its roots. */
export async function why(
  context: Context,
  output: Output,
  name: string,
  options: Pick<ViewOptions, 'target' | 'offline'>,
): Promise<number> {
  const everything = { ...options, select: [], exclude: [], only: false, purpose: 'look' } as const
  return withView(context, output, everything, async (view) => {
    const { graph } = view.planned.world
    if (graph.indexOf(name) === undefined) {
      return output.fail([unknownAsset(name, graph.names)], EXIT.usage)
    }
    output.show(whyReporter, await whyReportOf(view, name, options.target))
    return EXIT.done
  })
}

function unknownAsset(name: string, names: readonly string[]): Problem {
  const near = closest(name, names)
  return {
    code: 'unknown-asset',
    message: `no asset or check is named ${name}`,
    hint: near === null ? 'list all names: assets list' : `did you mean ${near}?`,
  }
}
