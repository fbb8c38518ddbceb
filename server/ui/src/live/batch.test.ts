import { describe, expect, it } from 'vitest'
import { emptyBatch, everything, gather, maxChanges, touches, type Change } from './batch'

const job = (id: string, status = 'Queued'): Change => ({ kind: 'job', id, status })

describe('gather', () => {
  it('keeps the latest change of a thing', () => {
    const batch = gather(gather(emptyBatch, job('a')), job('a', 'Complete'))
    expect([...batch.changes.values()]).toEqual([job('a', 'Complete')])
  })

  it('tells things of one id and two kinds apart', () => {
    const batch = gather(gather(emptyBatch, job('a')), { kind: 'event', id: 'a' })
    expect(batch.changes.size).toBe(2)
  })

  it('tells the errors of one node in two runs apart', () => {
    const error = (run: number): Change => ({ kind: 'error', id: 'notify', run })
    expect(gather(gather(emptyBatch, error(1)), error(2)).changes.size).toBe(2)
  })

  it('gives up counting under load', () => {
    let batch = emptyBatch
    for (let n = 0; n < maxChanges; n++) {
      batch = gather(batch, job(`j${n}`))
    }
    expect(batch.missed).toBe(false)
    expect(gather(batch, job('j0', 'Complete')).missed).toBe(false)
    expect(gather(batch, job('one more'))).toBe(everything)
  })

  it('stays given up until the next batch', () => expect(gather(everything, job('a'))).toBe(everything))
})

describe('touches', () => {
  const batch = gather(emptyBatch, { kind: 'run', id: 'x', run: 7 })

  it('asks each change', () => {
    expect(touches(batch, (change) => change.run === 7)).toBe(true)
    expect(touches(batch, (change) => change.run === 8)).toBe(false)
  })

  it('is true for all when changes were missed', () => expect(touches(everything, () => false)).toBe(true))
  it('is false when nothing happened', () => expect(touches(emptyBatch, () => true)).toBe(false))
})
