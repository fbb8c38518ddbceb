import { describe, expect, it } from 'vitest'
import { choiceOf } from './choice'

const newest = '2026-03-01T03:00:00.250Z'
const past = '2026-03-01T03:00:00.251Z'
const asked = Date.parse('2026-03-01T03:01:00Z')

describe('choiceOf', () => {
  it('is all that the filter finds, up to the newest that is shown', () =>
    expect(choiceOf({ status: 'Failed,Held', q: 'ledger', subscription: 's1' }, newest, asked)).toEqual({
      status: ['Held', 'Failed'],
      q: 'ledger',
      subscription: 's1',
      to: past,
    }))

  it('counts a stretch from when the list was asked for', () =>
    expect(choiceOf({ status: 'Held', since: '1h' }, newest, asked)).toEqual({
      status: ['Held'],
      from: '2026-03-01T02:01:00.000Z',
      to: past,
    }))

  it('ends where the filter does, where that is earlier', () => {
    const to = '2026-03-01T02:00:00.000Z'
    expect(choiceOf({ status: 'Held', to }, newest, asked)?.to).toBe(to)
    expect(choiceOf({ status: 'Held', to: '2026-03-02T00:00:00.000Z' }, newest, asked)?.to).toBe(past)
  })

  it('is nothing where others are shown, too', () => {
    expect(choiceOf({ status: 'Failed,Cancelled' }, newest, asked)).toBeUndefined()
    expect(choiceOf({ subscription: 's1' }, newest, asked)).toBeUndefined()
  })

  it('is nothing where nothing is shown', () => expect(choiceOf({ status: 'Held' }, undefined, asked)).toBeUndefined())
})
