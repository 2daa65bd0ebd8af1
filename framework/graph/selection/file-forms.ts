/**
 * The values that a method of files takes for the file that was meant: `path:` takes whole paths, and `file:` names without
 * a folder. `texts`: the values that the method compares.
 */
export function meantFiles(method: string, text: string, texts: Iterable<string>): string[] {
  const wanted = nameOf(text)
  if (method === 'path' && wanted === text) {
    return [...texts].filter((whole) => nameOf(whole) === wanted).sort()
  }
  if (method === 'file' && wanted !== text) return [...texts].filter((name) => name === wanted)
  return []
}

/** The name of a file without its folders. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
