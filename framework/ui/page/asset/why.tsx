import type { AssetPage, WhyDocumentNode } from '../../data/asset-page.ts'
import type { MarkName } from '../../data/overview.ts'
import { Mark } from '../parts/verdict.tsx'
import { toAsset } from '../route.ts'
import { assetsByName, markNow } from '../store.ts'

/** The chain of causes of a verdict, as `assets why` tells it: the asset first, each cause below what it explains. */
export function Why({ page }: { readonly page: AssetPage }) {
  const { nodes, next } = page.why
  const byName = new Map(nodes.map((node) => [node.asset, node]))
  const root = nodes.at(-1)
  if (root === undefined) return null
  return (
    <section class="why">
      <h3>{root.verdict === 'fresh' ? 'Why it was built last' : 'Why'}</h3>
      <ul class="causes">
        <Cause node={root} byName={byName} above={new Set()} />
      </ul>
      {root.verdict !== 'fresh' && (
        <p class="note-line">
          Next: <code>{next}</code>
        </p>
      )}
    </section>
  )
}

interface CauseProps {
  readonly node: WhyDocumentNode
  readonly byName: ReadonlyMap<string, WhyDocumentNode>
  /** The nodes that this one explains: a cause that two nodes share is told below each, but never below itself. */
  readonly above: ReadonlySet<string>
}

/** Causes deeper than this are in the graph. */
const DEEPEST = 12

function Cause({ node, byName, above }: CauseProps) {
  const causes = node.causes.flatMap((name) => {
    const cause = byName.get(name)
    return cause === undefined || above.has(name) ? [] : [cause]
  })
  const below = new Set([...above, node.asset])
  return (
    <li>
      <span class="named">
        <Mark mark={markOfNode(node)} /> <a href={toAsset(node.asset)}>{node.asset}</a>
      </span>{' '}
      {sentencesOf(node).join('; ')}
      {node.file !== undefined && above.size === 0 && (
        <>
          {' '}
          <code class="place">
            {node.file}:{node.line}
          </code>
        </>
      )}
      {causes.length > 0 && above.size < DEEPEST && (
        <ul class="causes">
          {causes.map((cause) => (
            <Cause key={cause.asset} node={cause} byName={byName} above={below} />
          ))}
        </ul>
      )}
    </li>
  )
}

function markOfNode({ asset, verdict }: WhyDocumentNode): MarkName {
  const known = assetsByName.value.get(asset)?.asset
  if (known !== undefined) return markNow(known)
  return verdict === 'waiting' ? 'pending' : (verdict as MarkName)
}

function sentencesOf(node: WhyDocumentNode): readonly string[] {
  const isPast = node.verdict === 'fresh'
  const told = node.reasons.map(({ reason, message }) =>
    isPast && reason === 'missing' ? 'it had never been built' : message,
  )
  if (node.pending_on.length > 0) told.push(`waits for ${node.pending_on.join(', ')}`)
  if (told.length === 0 && node.causes.length > 0) told.push(`shows ${node.causes.join(', ')}`)
  switch (node.root) {
    case 'adopted':
      told.push('it existed before, and was recorded without a build')
      break
    case 'not_deterministic':
      told.push('its code and inputs were the same, and its content is another one')
      break
    case 'code':
      told.push('its own code changed')
      break
    case 'always_new':
      told.push('it is new in each run')
      break
    default:
  }
  return told
}
