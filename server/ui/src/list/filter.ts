import { spans, type Span } from '../time'

/** What a list is narrowed to, as its address holds it: plain texts, so that people can read and send it. */
export type Filter = {
  /** Statuses, by comma. */
  status?: string
  q?: string
  kapp?: string
  form?: string
  /** A tree's path: `Group / Name`. */
  tree?: string
  /** A dialect of REST hooks. */
  dialect?: string
  /** Only subscriptions whose latest attempt failed. */
  failing?: 'true'
  /** What a subscription is to, as its dialect spells it. */
  event?: string
  /** A subscription's owner: the number, the name or the email. */
  owner?: string
  /** The id of the subscription whose deliveries are meant. */
  subscription?: string
  /** The name of a webhook: `keap/12`. */
  webhook?: string
  /** Only events of which something came, or nothing. */
  fired?: 'true' | 'false'
  /** What became of at least one webhook for an event. */
  outcome?: string
  platform?: string
  /** The inbound source that an event came by. */
  source?: string
  /** Subscriptions by time, in place of those in trouble first. */
  order?: 'newest'
  /** How far back, counted from now. */
  since?: Span
  /** A stretch of time, in RFC 3339. */
  from?: string
  to?: string
}

const texts = [
  'status',
  'q',
  'kapp',
  'form',
  'tree',
  'dialect',
  'event',
  'owner',
  'subscription',
  'webhook',
  'outcome',
  'platform',
  'source',
] as const

/** Reads an address; what means nothing is left out. */
export function readFilter(search: Record<string, unknown>): Filter {
  const filter: Filter = {}
  for (const name of texts) {
    const value = search[name]
    if (typeof value === 'string' && value.trim() !== '') {
      filter[name] = value
    }
  }
  if (search['failing'] === 'true') {
    filter.failing = 'true'
  }
  if (search['fired'] === 'true' || search['fired'] === 'false') {
    filter.fired = search['fired']
  }
  if (search['order'] === 'newest') {
    filter.order = 'newest'
  }
  if (isSpan(search['since'])) {
    return { ...filter, since: search['since'] }
  }
  for (const name of ['from', 'to'] as const) {
    const value = search[name]
    if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) {
      filter[name] = value
    }
  }
  return filter
}

const isSpan = (value: unknown): value is Span => typeof value === 'string' && Object.hasOwn(spans, value)

/** What the API is asked for. A stretch counted from now begins anew with each asking. */
export function queryOf({ since, ...query }: Filter, now: number): Omit<Filter, 'since'> {
  return since ? { ...query, from: new Date(now - spans[since]).toISOString() } : query
}

/** Whether anything narrows the list; its order does not. */
export const narrows = (filter: Filter) => Object.keys(filter).some((name) => name !== 'order')

/** Adds a status to a choice, or takes it out, in the order of all of them. */
export function toggle(chosen: string | undefined, status: string, all: readonly string[]): string | undefined {
  const has = new Set(chosen?.split(','))
  if (!has.delete(status)) {
    has.add(status)
  }
  const kept = all.filter((each) => has.has(each))
  return kept.length === 0 || kept.length === all.length ? undefined : kept.join(',')
}

/** What stands in an address: plain texts. */
export const readSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text))

export function writeSearch(search: Record<string, unknown>): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') {
      given.set(name, value)
    }
  }
  const text = given.toString()
  return text === '' ? '' : `?${text}`
}
