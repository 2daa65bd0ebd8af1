/** The parts of a multipart body by their names. */
export function partsOf(contentType: string, body: Buffer): ReadonlyMap<string, Buffer> {
  const parts = new Map<string, Buffer>()
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) return parts
  const separator = Buffer.from(`--${boundary}`)
  for (let at = body.indexOf(separator); at >= 0; ) {
    const next = body.indexOf(separator, at + separator.length)
    if (next < 0) break
    // Each part is between line ends: one behind its boundary, one before the next.
    const part = body.subarray(at + separator.length + 2, next - 2)
    const end = part.indexOf('\r\n\r\n')
    const name = /name="([^"]+)"/.exec(part.subarray(0, end).toString())?.[1]
    if (name !== undefined) parts.set(name, part.subarray(end + 4))
    at = next
  }
  return parts
}
