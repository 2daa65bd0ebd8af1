/** A text without the characters at its end that match `tail`. `/x+$/` would try every run of them in the text. */
export function trimEndOf(text: string, tail: RegExp): string {
  let end = text.length
  while (end > 0 && tail.test(text[end - 1]!)) end -= 1
  return text.slice(0, end)
}
