import { useQuery } from '@tanstack/react-query'
import { dialectsQuery } from '../api/dialect'

/** The dialects of the server; none before it has told them. */
export const useDialects = () => useQuery(dialectsQuery).data ?? []

/** A dialect for people. One that the server has no longer goes by its name. */
export function DialectTitle({ name }: { name: string }) {
  return useDialects().find((each) => each.name === name)?.title ?? name
}
