import { signal } from '@preact/signals'

/** A view of the page, as the fragment of its address says it. */
export type Route =
  | { readonly view: 'graph'; readonly select: string; readonly focus: string | null }
  | { readonly view: 'asset'; readonly name: string }
  | { readonly view: 'runs' }
  | { readonly view: 'run'; readonly run: number }
  | { readonly view: 'plan' }
  | { readonly view: 'answers' }

export const route = signal<Route>(routeOf(location.hash))

addEventListener('hashchange', () => {
  route.value = routeOf(location.hash)
})

/** The view of a fragment; the graph for one that names no view. */
function routeOf(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#\/?/, '').split('?')
  const [view, ...rest] = path.split('/').map(decoded)
  const given = new URLSearchParams(query)
  switch (view) {
    case 'asset':
      return { view, name: rest.join('/') }
    case 'run':
      return /^\d+$/.test(rest[0] ?? '') ? { view, run: Number(rest[0]) } : { view: 'runs' }
    case 'runs':
    case 'plan':
    case 'answers':
      return { view }
    default:
      return { view: 'graph', select: given.get('select') ?? '', focus: given.get('focus') }
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The fragment of a view, for links. */
export function linkTo(to: Route): string {
  switch (to.view) {
    case 'graph': {
      const query = new URLSearchParams({
        ...(to.select === '' ? {} : { select: to.select }),
        ...(to.focus === null ? {} : { focus: to.focus }),
      }).toString()
      return query === '' ? '#/graph' : `#/graph?${query}`
    }
    case 'asset':
      return `#/asset/${encodeURIComponent(to.name)}`
    case 'run':
      return `#/run/${to.run}`
    default:
      return `#/${to.view}`
  }
}

export const toAsset = (name: string) => linkTo({ view: 'asset', name })
export const toRun = (run: number) => linkTo({ view: 'run', run })
export const toFocus = (name: string) => linkTo({ view: 'graph', select: '', focus: name })

export function go(to: Route): void {
  location.hash = linkTo(to)
}

/** Changes the address without a step in the history, as while typing. */
export function replace(to: Route): void {
  history.replaceState(null, '', linkTo(to))
  route.value = to
}
