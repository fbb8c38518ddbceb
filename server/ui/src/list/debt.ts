import { maxChanges } from '../live/batch'

/**
 * What has changed in a list and has not been asked for. One asking goes on at a time; what is owed meanwhile is asked
 * for afterwards, because an answer that is under way may be older than the change.
 */
export class Debt {
  private owed: { list: string; ids: string[] } | undefined
  private settling: string | undefined

  /** Notes what changed in a list; what is owed of another is forgotten, for it is no longer shown. */
  owe(list: string, ids: string[]): void {
    const before = this.owed?.list === list ? this.owed.ids : []
    this.owed = { list, ids: [...before, ...ids].slice(-maxChanges) }
  }

  /** Asks until nothing is owed of a list. An asking that fails is not made again: the next change asks. */
  async settle(list: string, ask: (ids: string[]) => Promise<void>): Promise<void> {
    if (this.settling === list) {
      return
    }
    this.settling = list
    while (this.owed?.list === list) {
      const { ids } = this.owed
      this.owed = undefined
      await ask(ids).catch(() => undefined) // the line is down, which the header says
    }
    if (this.settling === list) {
      this.settling = undefined
    }
  }
}
