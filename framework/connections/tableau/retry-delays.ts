/** Milliseconds before the second try or look, the third, …: about a minute in all. */
export const RETRY_DELAYS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
