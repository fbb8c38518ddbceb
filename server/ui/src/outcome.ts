import type { Event, Outcome, Verdict } from './api/event'

/** What became of one webhook, to somebody who asks what came of the event: what is held for a replay is not lost. */
export type Fate = Outcome | 'held'

/** What came of an event, in a line: the fate that tells most, how it is said, and what else there was. */
export type Result = { fate: Fate; says: string; besides: string }

type Judged = Pick<Event, 'verdicts' | 'jobs'>

/** Fates by how much they want to be looked at. */
const byWeight: Fate[] = ['error', 'loop', 'fired', 'held', 'duplicate', 'filtered', 'inactive', 'overridden', 'none']

/** How each is said of a number of webhooks. */
const sayings: Record<Fate, (count: number) => string> = {
  fired: (count) => `fired ${count}`,
  held: (count) => `held ${count}`,
  error: (count) => (count === 1 ? 'one could not decide' : `${count} could not decide`),
  loop: (count) => (count === 1 ? 'held as a loop' : `${count} held as a loop`),
  duplicate: (count) => (count === 1 ? 'a duplicate' : `${count} duplicates`),
  filtered: (count) => (count === 1 ? 'filter said no' : `${count} filters said no`),
  inactive: (count) => (count === 1 ? 'webhook is inactive' : `${count} webhooks are inactive`),
  overridden: (count) => (count === 1 ? 'overridden' : `${count} overridden`),
  none: () => 'nothing listens',
}

/** A webhook that is inactive and has a job all the same holds it for a replay. */
const fateOf = ({ webhook, outcome }: Verdict, { jobs }: Judged): Fate =>
  outcome === 'inactive' && jobs.some((job) => job.webhook === webhook) ? 'held' : outcome

/** What came of an event; one that nobody was asked about is one that nobody listens to. */
export function resultOf(event: Judged): Result {
  const counts = new Map<Fate, number>()
  for (const verdict of event.verdicts) {
    const fate = fateOf(verdict, event)
    counts.set(fate, (counts.get(fate) ?? 0) + 1)
  }
  const [first = 'none', ...others] = byWeight.filter((each) => counts.has(each))
  const say = (each: Fate) => sayings[each](counts.get(each) ?? 0)
  return { fate: first, says: say(first), besides: others.map(say).join(', ') }
}

/** The verdict that a line about an event quotes: the first of those that tell most. */
export const tellingOf = (event: Judged): Verdict | undefined =>
  event.verdicts.find((verdict) => fateOf(verdict, event) === resultOf(event).fate)

/** What an event set off: the numbers of the runs, and how many deliveries. */
export function setOff({ verdicts, jobs }: Judged): { runs: number[]; deliveries: number } {
  const fired = new Set(verdicts.flatMap(({ webhook, outcome }) => (outcome === 'fired' ? [webhook] : [])))
  const made = jobs.filter(({ webhook }) => fired.has(webhook))
  const runs = made.flatMap(({ run }) => (run === undefined ? [] : [run]))
  return { runs, deliveries: made.length - runs.length }
}
