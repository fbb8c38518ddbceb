import { queryOptions } from '@tanstack/react-query'
import { pageOf, type Page } from './page'
import { call, get } from './request'

export const subscriptionStatuses = ['active', 'pending', 'disabled'] as const
export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

/** Whose token made a subscription, as its dialect shows them. */
export type Owner = { id?: number; name?: string; email?: string }

/** How an endpoint has done lately: attempts that failed in a row, and until when it is left alone for that. */
export type Health = { failures: number; timeouts: number; since?: string; openUntil?: string }

/** A webhook that an outside application made. Lists leave out how many deliveries are held. */
export type Subscription = {
  id: string
  /** What verdicts, jobs and people call it: `keap/12`. */
  name: string
  dialect: string
  externalId: string
  owner: Owner
  event: string
  url: string
  status: SubscriptionStatus
  reason?: string
  contentType?: string
  filter?: string
  ordered: boolean
  rate?: number
  concurrency?: number
  secrets: number
  triggered: number
  triggeredAt?: string
  health: Health
  held?: number
  expiresAt?: string
  createdAt: string
  updatedAt: string
}

/** The API counts held deliveries up to this many. */
export const maxHeld = 1000

/** What the list is narrowed to; several statuses by comma. */
export type SubscriptionQuery = {
  status?: string
  failing?: 'true'
  order?: 'newest' | 'trouble'
  dialect?: string
  event?: string
  owner?: string
  q?: string
}

export async function listSubscriptions(
  query: SubscriptionQuery,
  cursor?: string,
  signal?: AbortSignal,
): Promise<Page<Subscription>> {
  const told = await get<{ subscriptions: Subscription[]; next?: string }>(
    '/subscriptions',
    { ...query, cursor },
    signal,
  )
  return pageOf(told.subscriptions, told.next)
}

const at = (id: string) => `/subscriptions/${encodeURIComponent(id)}`

export const subscriptionQuery = (id: string) =>
  queryOptions({
    queryKey: ['subscription', id],
    queryFn: ({ signal }) => get<Subscription>(at(id), {}, signal),
  })

export const enableSubscription = (id: string, note: string) => call<Subscription>('POST', `${at(id)}/enable`, { note })
export const disableSubscription = (id: string, note: string) =>
  call<Subscription>('POST', `${at(id)}/disable`, { note })
export const verifySubscription = (id: string) => call<Subscription>('POST', `${at(id)}/verify`)
export const deleteSubscription = (id: string) => call<undefined>('DELETE', at(id))
