import { queryOptions } from '@tanstack/react-query'
import type { Target } from './job'
import { pageOf, type Page } from './page'
import { get } from './request'

/** What may become of one webhook for one event. */
export const outcomes = ['fired', 'filtered', 'error', 'inactive', 'overridden', 'duplicate', 'loop', 'none'] as const
export type Outcome = (typeof outcomes)[number]

/** One part of an expression and what it was worth. */
export type Seen = { expression: string; shown?: string; value: unknown; evaluated: boolean; error?: string }

/** What became of one webhook for one event, and why. */
export type Verdict = {
  webhook: string
  hash?: string
  outcome: Outcome
  reason: string
  filter?: string
  target?: string
  seen?: Seen[]
}

export type JobRef = { id: string; webhook: string; target: Target; run?: number }

/** An event that was accepted, with what became of it. */
export type Event = {
  id: string
  externalId?: string
  platform?: string
  type: string
  action: string
  path: string
  kapp?: string
  form?: string
  submission?: string
  sender?: string
  cause?: { run: string; depth: number }
  occurredAt: string
  receivedAt: string
  verdicts: Verdict[]
  jobs: JobRef[]
  payload?: unknown
}

/** What the list is narrowed to. */
export type EventQuery = {
  fired?: 'true' | 'false'
  outcome?: string
  platform?: string
  source?: string
  q?: string
  from?: string
  to?: string
}

export async function listEvents(query: EventQuery, cursor?: string, signal?: AbortSignal): Promise<Page<Event>> {
  const told = await get<{ events: Event[]; next?: string }>('/events', { ...query, cursor }, signal)
  return pageOf(told.events, told.next)
}

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['event', id],
    queryFn: ({ signal }) => get<Event>(`/events/${encodeURIComponent(id)}`, {}, signal),
  })
