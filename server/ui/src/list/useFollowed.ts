import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Page } from '../api/page'
import type { Batch } from '../live/batch'
import { useChanges } from '../live/Live'
import { Debt } from './debt'
import { countUnseen, flatten, refresh, type Identify } from './rows'

/** A list of the API that is followed. */
export type Source<Row> = {
  /** Names the list, with all that it is narrowed to. */
  key: readonly unknown[]
  id: Identify<Row>
  list: (cursor?: string, signal?: AbortSignal) => Promise<Page<Row>>
  one: (id: string) => Promise<Row>
  /** The ids of the rows that a batch changed, shown or not. */
  changed: (batch: Batch) => string[]
}

type Pages<Row> = InfiniteData<Page<Row>, string | undefined>

/** Rows below the newest page that are asked for one by one, each time that something has changed. */
const maxStrays = 10

/**
 * A list that follows what happens without moving under the reader's hand: rows change where they stand, and new
 * ones wait until they are asked for. Only a list that shows nothing takes them at once.
 */
export function useFollowed<Row>(source: Source<Row>) {
  const client = useQueryClient()
  const [newest, setNewest] = useState<{ key: string; page: Page<Row> }>()
  const key = JSON.stringify(source.key)
  const query = useInfiniteQuery({
    queryKey: source.key,
    queryFn: ({ pageParam, signal }) => source.list(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  const shown = () => client.getQueryData<Pages<Row>>(source.key)?.pages ?? []

  const show = (page: Page<Row>) => {
    client.setQueryData<Pages<Row>>(source.key, { pages: [page], pageParams: [undefined] })
    setNewest(undefined)
  }

  const follow = async (ids: string[]) => {
    const page = await source.list()
    const rows = [...page.rows, ...(await strays(source, shown(), page, ids))]
    client.setQueryData<Pages<Row>>(source.key, (old) => old && { ...old, pages: refresh(old.pages, rows, source.id) })
    if (shown().every((each) => each.rows.length === 0)) {
      show(page)
    } else {
      setNewest({ key, page })
    }
  }
  useDebt(key, query.isSuccess, source.changed, follow)

  const pages = query.data?.pages ?? []
  const waiting = newest?.key === key ? newest.page : undefined
  return {
    query,
    rows: flatten(pages, source.id),
    unseen: waiting ? countUnseen(pages, waiting, source.id) : '0',
    showUnseen: () => waiting && show(waiting),
  }
}

/** Follows each change of a list, also those that come while it is being asked for, or before it is there. */
function useDebt(
  key: string,
  loaded: boolean,
  changed: (batch: Batch) => string[],
  follow: (ids: string[]) => Promise<void>,
): void {
  const [debt] = useState(() => new Debt())
  useChanges((batch) => {
    const ids = changed(batch)
    if (ids.length > 0 || batch.missed) {
      debt.owe(key, ids)
      if (loaded) {
        void debt.settle(key, follow)
      }
    }
  })
  const arrived = useEffectEvent(() => void debt.settle(key, follow))
  useEffect(() => {
    if (loaded) {
      arrived()
    }
  }, [loaded, key])
}

/** Asks for the rows that changed, are shown, and are too old for the newest page. */
async function strays<Row>(source: Source<Row>, pages: Page<Row>[], newest: Page<Row>, ids: string[]): Promise<Row[]> {
  const fresh = new Set(newest.rows.map(source.id))
  const known = new Set(pages.flatMap((page) => page.rows.map(source.id)))
  const wanted = [...new Set(ids)].filter((id) => known.has(id) && !fresh.has(id)).slice(0, maxStrays)
  const answers = await Promise.allSettled(wanted.map((id) => source.one(id)))
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
}
