import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Filter } from './filter'

/** A change of some of what narrows a list; undefined takes a part back. */
export type Change = Partial<Record<keyof Filter, string | undefined>>

/** What the address of a list narrows it to, and how that is changed. */
export function useFilter(list: '/events' | '/jobs' | '/runs' | '/subscriptions') {
  const filter = useSearch({ from: `/inside${list}` })
  const navigate = useNavigate({ from: list })
  return {
    filter,
    set: (change: Change) => void navigate({ search: (old) => ({ ...old, ...change }) as Filter, replace: true }),
    clear: () => void navigate({ search: {}, replace: true }),
  }
}
