import type { Subscription, SubscriptionStatus } from './api/subscription'

/**
 * Where a subscription stands, to somebody who asks whether it gets its events: its status, or what is behind a status
 * of active that gets none.
 */
export type Standing = SubscriptionStatus | 'expired' | 'circuit open' | 'probing' | 'failing'

export function standingOf({ status, expiresAt, health }: Subscription, now: number): Standing {
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) {
    return 'expired' // whatever its status: nothing is sent and nothing is held
  }
  if (status !== 'active' || health.failures === 0) {
    return status
  }
  if (health.openUntil === undefined) {
    return 'failing'
  }
  return Date.parse(health.openUntil) > now ? 'circuit open' : 'probing'
}
