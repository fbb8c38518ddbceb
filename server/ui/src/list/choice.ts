import { replayable, type Choice } from '../api/replay'
import { queryOf, type Filter } from './filter'

/**
 * What "all that this filter finds" means, for jobs that are to be replayed; undefined where it finds others than those
 * that were held or failed. What came after the newest that is shown is none of them: nobody has seen it. A stretch
 * that counts from now counts from when the list was asked for.
 */
export function choiceOf(filter: Filter, newest: string | undefined, asked: number): Choice | undefined {
  const { status: chosen = '', from, to, kapp, form, q, subscription, webhook } = queryOf(filter, asked)
  const words = chosen.split(',')
  const status = replayable.filter((each) => words.includes(each))
  if (newest === undefined || status.length === 0 || status.length !== words.length) {
    return undefined
  }
  const end = new Date(Date.parse(newest) + 1).toISOString() // the API's end is not part of the stretch
  const given = Object.entries({ from, kapp, form, q, subscription, webhook }).filter(([, text]) => text !== undefined)
  return { status, ...Object.fromEntries(given), to: to !== undefined && to < end ? to : end }
}
