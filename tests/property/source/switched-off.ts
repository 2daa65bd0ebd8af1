/** Kinds of operations, scenes, events and places that are not played, each with the reason. */
export const SWITCHED_OFF: Readonly<Record<string, string>> = {}

/** Whether a kind, a scene, an event or a place is switched off. */
export const isOff = (name: string): boolean => Object.hasOwn(SWITCHED_OFF, name)
