import { describe, expect, it } from 'vitest'
import { outcomes, type JobRef, type Outcome, type Verdict } from './api/event'
import { resultOf, setOff, tellingOf, type Fate } from './outcome'

const verdicts = (...all: Outcome[]): Verdict[] =>
  all.map((outcome, index) => ({ webhook: `w${index}`, outcome, reason: `because ${index}` }))

/** An event with verdicts, of which those of some webhooks made jobs, the first a run. */
const event = (all: Outcome[], ...webhooks: string[]) => ({
  verdicts: verdicts(...all),
  jobs: webhooks.map((webhook, index): JobRef => {
    const job = { id: `j${index}`, webhook, target: {} }
    return index === 0 ? { ...job, run: 7 } : job
  }),
})

describe('resultOf', () => {
  const cases: [name: string, all: Outcome[], fate: Fate, says: string, besides: string][] = [
    ['all fired', ['fired', 'fired'], 'fired', 'fired 2', ''],
    ['some fired', ['filtered', 'fired', 'filtered'], 'fired', 'fired 1', '2 filters said no'],
    ['nobody was asked', [], 'none', 'nothing listens', ''],
    ['nobody listens', ['none'], 'none', 'nothing listens', ''],
    ['a filter said no', ['filtered'], 'filtered', 'filter said no', ''],
    ['an error comes before what fired', ['fired', 'error'], 'error', 'one could not decide', 'fired 1'],
    ['stopped as a loop, and more', ['inactive', 'loop'], 'loop', 'held as a loop', 'webhook is inactive'],
    ['a duplicate', ['duplicate', 'overridden'], 'duplicate', 'a duplicate', 'overridden'],
  ]
  it.each(cases)('%s', (_, all, fate, says, besides) => expect(resultOf(event(all))).toEqual({ fate, says, besides }))

  it('tells what is held from what is lost', () =>
    expect(resultOf(event(['inactive', 'inactive'], 'w1'))).toEqual({
      fate: 'held',
      says: 'held 1',
      besides: 'webhook is inactive',
    }))

  it('has a word for every outcome', () => {
    for (const outcome of outcomes) {
      expect(resultOf(event([outcome, outcome]))).toMatchObject({ fate: outcome, besides: '' })
    }
  })
})

describe('tellingOf', () => {
  it('is the first of those that tell most', () =>
    expect(tellingOf(event(['filtered', 'error', 'error']))?.reason).toBe('because 1'))
  it('is none where nobody was asked', () => expect(tellingOf(event([]))).toBeUndefined())
})

describe('setOff', () => {
  it('parts runs from deliveries, and leaves out what is held', () =>
    expect(setOff(event(['fired', 'fired', 'inactive'], 'w0', 'w1', 'w2'))).toEqual({ runs: [7], deliveries: 1 }))
})
