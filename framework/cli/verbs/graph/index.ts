import {
  lineageDot,
  lineageJson,
  lineageMermaid,
  lineageOf,
  lineageText,
} from '../../../graph/lineage.ts'
import { type Context, EXIT } from '../../context.ts'
import { withGraph } from '../../graph-view.ts'
import type { Output } from '../../output.ts'
import type { SelectArguments } from '../../selecting.ts'

export interface GraphOptions extends SelectArguments {
  readonly target: string | null
  readonly format: 'text' | 'mermaid' | 'dot' | 'json'
  /** Include checks whose inputs are all selected. */
  readonly checks: boolean
}

/** `assets graph`: the lineage of a selection, for people and for other tools. */
export async function graph(
  context: Context,
  output: Output,
  options: GraphOptions,
): Promise<number> {
  return withGraph(context, output, options, async ({ workspace, graph: whole, chosen }) => {
    const bits = new Uint8Array(whole.size)
    for (const name of chosen.selected) bits[whole.indexOf(name)!] = 1
    if (options.checks) {
      for (let check = whole.assetCount; check < whole.size; check++) {
        if (whole.inputs(check).every((input) => bits[input] === 1)) bits[check] = 1
      }
    }
    const assets = new Map(workspace.project.assets.all.map((asset) => [asset.name, asset]))
    const lineage = lineageOf(whole, bits, assets)
    switch (options.format) {
      case 'text':
        output.print(lineageText(lineage))
        break
      case 'mermaid':
        output.print(lineageMermaid(lineage))
        break
      case 'dot':
        output.print(lineageDot(lineage))
        break
      case 'json':
        output.print(JSON.stringify(lineageJson(lineage)))
    }
    return EXIT.done
  })
}
