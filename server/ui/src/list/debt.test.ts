import { describe, expect, it } from 'vitest'
import { maxChanges } from '../live/batch'
import { Debt } from './debt'

/** Asks that stand open until they are answered. */
function asks() {
  const made: string[][] = []
  const answers: ((failed?: Error) => void)[] = []
  const ask = (ids: string[]) => {
    made.push(ids)
    return new Promise<void>((done, fail) => answers.push((failed) => (failed ? fail(failed) : done())))
  }
  return { made, ask, answer: (failed?: Error) => answers.shift()?.(failed) }
}

describe('Debt', () => {
  it('asks for what changed while it was asking', async () => {
    const debt = new Debt()
    const { made, ask, answer } = asks()
    debt.owe('jobs', ['a'])
    const settled = debt.settle('jobs', ask)
    debt.owe('jobs', ['b'])
    debt.owe('jobs', ['c'])
    void debt.settle('jobs', ask)
    expect(made, 'one at a time').toEqual([['a']])
    answer()
    await Promise.resolve()
    await Promise.resolve()
    expect(made).toEqual([['a'], ['b', 'c']])
    answer()
    await settled
    expect(made).toHaveLength(2)
  })

  it('goes on after an asking that failed', async () => {
    const debt = new Debt()
    const { made, ask, answer } = asks()
    debt.owe('jobs', ['a'])
    const failed = debt.settle('jobs', ask)
    answer(new Error('the line is down'))
    await failed
    debt.owe('jobs', ['b'])
    void debt.settle('jobs', ask)
    expect(made).toEqual([['a'], ['b']])
  })

  it('does not wait for a list that is no longer shown', () => {
    const debt = new Debt()
    const { made, ask } = asks()
    debt.owe('jobs', ['a'])
    void debt.settle('jobs', ask)
    debt.owe('failed jobs', ['a'])
    void debt.settle('failed jobs', ask)
    expect(made).toEqual([['a'], ['a']])
  })

  it('asks for nothing where nothing is owed, and for a change of nobody knows what', () => {
    const debt = new Debt()
    const { made, ask } = asks()
    void debt.settle('jobs', ask)
    expect(made).toEqual([])
    debt.owe('jobs', [])
    void debt.settle('jobs', ask)
    expect(made).toEqual([[]])
  })

  it('is bounded', () => {
    const debt = new Debt()
    const { made, ask } = asks()
    for (let n = 0; n <= maxChanges; n++) {
      debt.owe('jobs', [`j${n}`])
    }
    void debt.settle('jobs', ask)
    expect(made[0]).toHaveLength(maxChanges)
    expect(made[0]?.[0], 'the oldest goes').toBe('j1')
  })
})
