import { afterEach, describe, expect, it, vi } from 'vitest'
import { grouped, replay, type Progress } from './replay'
import { ApiError } from './request'

type Answer = { status?: number; body: unknown }

/** Answers calls in turn, and keeps what was sent. */
function server(...answers: Answer[]): unknown[] {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(JSON.parse(init.body as string))
    const { status = 200, body } = answers.shift() ?? { status: 500, body: {} }
    const type = status === 200 ? 'application/json' : 'application/problem+json'
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } }))
  })
  return sent
}

afterEach(() => vi.unstubAllGlobals())

describe('replay', () => {
  const choice = { status: ['Held' as const], subscription: 's1' }

  it('goes on where the API left off, and tells how far it is', async () => {
    const sent = server(
      { body: { retried: ['a', 'b'], refused: [{ id: 'c', reason: 'it runs' }], next: 'n1' } },
      { body: { retried: ['d'], refused: [{ id: 'e', reason: 'it runs' }] } },
    )
    const told: Progress[] = []
    const all = await replay(choice, 'back again', (progress) => told.push(progress))
    expect(sent).toEqual([
      { filter: choice, note: 'back again' },
      { filter: { ...choice, cursor: 'n1' }, note: 'back again' },
    ])
    expect(told.map(({ retried }) => retried)).toEqual([2, 3])
    expect(all).toEqual({ retried: 3, refused: [{ reason: 'it runs', count: 2, id: 'c' }] })
  })

  it('fails where a call does, after it told what was done', async () => {
    server(
      { body: { retried: ['a'], refused: [], next: 'n1' } },
      { status: 422, body: { status: 422, code: 'invalid', detail: 'the subscription keap/12 is disabled' } },
    )
    const told: Progress[] = []
    await expect(replay(choice, '', (progress) => told.push(progress))).rejects.toThrow(ApiError)
    expect(told).toEqual([{ retried: 1, refused: [] }])
  })
})

describe('grouped', () => {
  it('keeps one job of each reason to look at', () => {
    const known = [{ reason: 'x', count: 2, id: 'a' }]
    const more = [
      { id: 'b', reason: 'y' },
      { id: 'c', reason: 'x' },
    ]
    expect(grouped(known, more)).toEqual([
      { reason: 'x', count: 3, id: 'a' },
      { reason: 'y', count: 1, id: 'b' },
    ])
    expect(known[0]?.count).toBe(2)
  })
})
