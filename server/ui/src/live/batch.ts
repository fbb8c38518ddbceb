/** Something that was committed. It carries no data: who wants some asks for it. */
export type Change = {
  kind: 'event' | 'job' | 'run' | 'error' | 'subscription'
  id: string
  run?: number
  status?: string
}

/** Changes since the last batch, one for each thing. After `missed`, anything may have changed. */
export type Batch = { missed: boolean; changes: ReadonlyMap<string, Change> }

export const emptyBatch: Batch = { missed: false, changes: new Map() }
export const everything: Batch = { missed: true, changes: new Map() }

/** A server under load tells of thousands of changes a second; past this many, loading anew is cheaper. */
export const maxChanges = 500

/** Adds a change to a batch. The latest change of a thing stands for those before it. */
export function gather(batch: Batch, change: Change): Batch {
  if (batch.missed) {
    return batch
  }
  const key = `${change.kind} ${change.id} ${change.kind === 'error' ? (change.run ?? '') : ''}`
  const changes = new Map(batch.changes).set(key, change)
  return changes.size > maxChanges ? everything : { missed: false, changes }
}

/** Whether a batch may have changed what the test picks. */
export function touches(batch: Batch, picks: (change: Change) => boolean): boolean {
  return batch.missed || [...batch.changes.values()].some(picks)
}
