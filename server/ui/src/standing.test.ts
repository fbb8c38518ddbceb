import { describe, expect, it } from 'vitest'
import type { Health, Subscription } from './api/subscription'
import { standingOf, type Standing } from './standing'

const now = Date.parse('2026-03-01T03:00:00Z')
const soon = '2026-03-01T03:00:01Z'
const past = '2026-03-01T02:59:59Z'

const made = (change: Partial<Subscription>, health: Partial<Health> = {}): Subscription => ({
  id: 's1',
  name: 'keap/12',
  dialect: 'keap',
  externalId: '12',
  owner: { id: 7 },
  event: 'contact.add',
  url: 'https://crm.example.com/hook',
  status: 'active',
  ordered: false,
  secrets: 1,
  triggered: 0,
  createdAt: past,
  updatedAt: past,
  ...change,
  health: { failures: 0, timeouts: 0, ...health },
})

describe('standingOf', () => {
  const cases: [name: string, subscription: Subscription, want: Standing][] = [
    ['active without a failure', made({}), 'active'],
    ['waiting for its endpoint', made({ status: 'pending' }), 'pending'],
    ['disabled', made({ status: 'disabled' }), 'disabled'],
    ['disabled by failures is disabled, not failing', made({ status: 'disabled' }, { failures: 9 }), 'disabled'],
    ['failing before the circuit opens', made({}, { failures: 1, since: past }), 'failing'],
    ['an open circuit', made({}, { failures: 5, openUntil: soon }), 'circuit open'],
    ['a circuit that was open lets one through', made({}, { failures: 5, openUntil: past }), 'probing'],
    ['to the millisecond', made({}, { failures: 5, openUntil: '2026-03-01T03:00:00Z' }), 'probing'],
    ['expired, though active', made({ expiresAt: past }), 'expired'],
    ['expired, and disabled before', made({ status: 'disabled', expiresAt: past }), 'expired'],
    ['to expire later', made({ expiresAt: soon }), 'active'],
  ]
  it.each(cases)('%s', (_, subscription, want) => expect(standingOf(subscription, now)).toBe(want))
})
