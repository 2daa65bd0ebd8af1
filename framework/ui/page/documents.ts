// Where the page gets its documents: from the server that it came from, or, in an exported page, from itself.

/** The documents in an exported page, by path; null if a server has them. */
const own = JSON.parse(document.getElementById('data')?.textContent ?? 'null') as Readonly<
  Record<string, unknown>
> | null

/** Whether the page is a file that no server updates. */
export const isExported = own !== null

/** A document could not be had: what to tell the person. */
export class DocumentError extends Error {
  readonly problems: readonly PageProblem[]

  constructor(message: string, problems: readonly PageProblem[] = []) {
    super(message)
    this.problems = problems
  }
}

/** A problem as in `assets/problems/1`. */
export interface PageProblem {
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly hint?: string
}

/** The document of a path, such as `run/41`. Throws `DocumentError`. */
export async function load<T>(path: string): Promise<T> {
  if (own !== null) {
    if (path in own && own[path] !== null) return own[path] as T
    throw new DocumentError('this page was saved without it')
  }
  const answer = await ask(`/api/${path.split('/').map(encodeURIComponent).join('/')}`)
  const content: unknown = await answer.json().catch(() => null)
  const { message, problems } = (content ?? {}) as {
    readonly message?: string
    readonly problems?: readonly PageProblem[]
  }
  if (problems !== undefined && 'schema' in (content as object) && isProblems(content)) {
    throw new DocumentError(problems[0]?.message ?? 'the project has problems', problems)
  }
  if (!answer.ok) throw new DocumentError(message ?? `the server answered ${answer.status}`)
  return content as T
}

function isProblems(content: unknown): boolean {
  return (content as { readonly schema?: unknown }).schema === 'assets/problems/1'
}

/** Asks the server, with the token that the page's address came with. Throws `DocumentError` if it is gone. */
export async function ask(
  path: string,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  try {
    return await fetch(path, {
      headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new DocumentError('the server of this page has ended; start it again: assets ui')
  }
}

const token = tokenOf()

/** The token in the address, which is removed from it. It is kept until the window closes. */
function tokenOf(): string | null {
  const [, given] = /^#token=([\w-]+)$/.exec(location.hash) ?? []
  if (given === undefined) return read('token')
  history.replaceState(null, '', '#/graph')
  try {
    sessionStorage.setItem('token', given)
  } catch {
    // Without storage, a reload asks for the whole address again.
  }
  return given
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}
