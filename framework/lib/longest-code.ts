/**
 * The longest text in characters that is read with regular expressions as SQL or as a template. V8 throws a
 * `RangeError` when one of them goes back over some millions of characters, and no one writes such a file.
 */
export const LONGEST_CODE = 1_000_000
