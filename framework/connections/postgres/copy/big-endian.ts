/** The signed 16-bit number at a place, as PostgreSQL sends it. */
export const int16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16

/** The signed 32-bit number at a place, as PostgreSQL sends it. */
export const int32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
