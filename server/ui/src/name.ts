/** Parts a subscription's name, `keap/12`, or says that a webhook's name is none: it begins with no dialect. */
export function splitName(
  name: string,
  dialects: readonly { name: string }[],
): { dialect: string; externalId: string } | undefined {
  const cut = name.indexOf('/')
  const dialect = name.slice(0, cut)
  const externalId = name.slice(cut + 1)
  return dialects.some((each) => each.name === dialect) && /^\S+$/.test(externalId)
    ? { dialect, externalId }
    : undefined
}

/** Ids up to this many characters are short enough to be read out. */
const readable = 12

/** A subscription's name with no more of a long id than tells it from others: `standard/…5f2c91`. */
export function shortName(name: string): string {
  const cut = name.indexOf('/') + 1
  const id = name.slice(cut)
  return id.length <= readable ? name : `${name.slice(0, cut)}…${id.slice(-6)}`
}
