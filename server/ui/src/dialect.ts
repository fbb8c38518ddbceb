/**
 * The dialects of REST hooks and where their applications subscribe. Lists take whatever dialect the API names; this
 * table is for what the API does not say: titles, addresses, and whose names a subscription's can be told by.
 */
export const dialects = [
  { name: 'actionstep', title: 'Actionstep', address: '/api/rest/resthooks' },
  { name: 'keap', title: 'Keap', address: '/crm/rest/v1/hooks' },
  { name: 'accelo', title: 'Accelo', address: '/api/v0/webhooks/subscriptions' },
  { name: 'standard', title: 'Standard', address: '/api/v1/hooks' },
] as const

/** A dialect for people. */
export const titleOf = (dialect: string) => dialects.find(({ name }) => name === dialect)?.title ?? dialect

/** Parts a subscription's name, `keap/12`, or says that a webhook's name is none. */
export function splitName(name: string): { dialect: string; externalId: string } | undefined {
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
