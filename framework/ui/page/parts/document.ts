import { useEffect, useState } from 'preact/hooks'
import { DocumentError, load } from '../documents.ts'
import { version } from '../store.ts'

/** A document of the page while it is loaded, and again whenever the state changes. */
export type Loaded<T> =
  | { readonly is: 'loading' }
  | { readonly is: 'there'; readonly document: T }
  | { readonly is: 'missing'; readonly message: string }

/** Loads a document. The last one of the same path stays while a newer one is loaded. */
export function useDocument<T>(path: string): Loaded<T> {
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly value: Loaded<T> }>({
    path,
    value: { is: 'loading' },
  })
  const changes = version.value
  useEffect(() => {
    let isWanted = true
    load<T>(path).then(
      (document) => isWanted && setLoaded({ path, value: { is: 'there', document } }),
      (error: unknown) => {
        if (!isWanted) return
        const message = error instanceof DocumentError ? error.message : String(error)
        setLoaded({ path, value: { is: 'missing', message } })
      },
    )
    return () => {
      isWanted = false
    }
  }, [path, changes])
  return loaded.path === path ? loaded.value : { is: 'loading' }
}
