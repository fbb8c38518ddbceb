import { describe, expect, it } from 'vitest'
import { brief, full, relative, span, utc } from './time'

const at = (text: string) => Date.parse(text)

describe('span', () => {
  it.each([
    [0, '0 ms'],
    [-3, '0 ms'],
    [850.4, '850 ms'],
    [1000, '1.0 s'],
    [1299, '1.2 s'],
    [9999, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [3_659_000, '1 h'],
    [11_400_000, '3 h 10 min'],
    [86_400_000, '1 d'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms is %s', (ms, want) => expect(span(ms)).toBe(want))
})

describe('relative', () => {
  const now = at('2026-03-01T12:00:00Z')
  it.each([
    ['2026-03-01T12:00:00Z', 'just now'],
    ['2026-03-01T11:59:56Z', 'just now'],
    ['2026-03-01T12:00:04Z', 'just now'],
    ['2026-03-01T11:59:48Z', '12 s ago'],
    ['2026-03-01T11:57:01Z', '2 min ago'],
    ['2026-03-01T09:30:00Z', '2 h ago'],
    ['2026-02-27T12:00:00Z', '2 d ago'],
    ['2026-03-01T12:03:10Z', 'in 3 min'],
  ])('%s is %s', (time, want) => expect(relative(at(time), now)).toBe(want))
})

describe('brief', () => {
  const now = at('2026-03-01T12:00:00Z')

  it('is the clock alone today', () => expect(brief(at('2026-03-01T00:00:05Z'), now, 'UTC')).toBe('00:00:05'))
  it('has the day before today', () => expect(brief(at('2026-02-28T23:59:59Z'), now, 'UTC')).toBe('28 Feb, 23:59:59'))
  it('has the year before this one', () =>
    expect(brief(at('2025-12-31T23:59:59Z'), now, 'UTC')).toBe('31 Dec 2025, 23:59:59'))

  it('goes by the day of the viewer, not of UTC', () => {
    expect(brief(at('2026-02-28T23:30:00Z'), now, 'Europe/Berlin')).toBe('00:30:00')
  })
})

describe('full', () => {
  it('is in the zone of the viewer', () =>
    expect(full(at('2026-07-01T22:05:09Z'), 'Europe/Berlin')).toBe('2 Jul 2026, 00:05:09'))
})

describe('utc', () => {
  it('keeps the milliseconds', () => expect(utc(at('2026-03-01T12:00:00.007Z'))).toBe('2026-03-01 12:00:00.007 UTC'))
})
