import { useEffect, useEffectEvent, useId, useRef, useState, type ReactNode } from 'react'
import type { Outcome } from '../api/event'
import { narrows, toggle, type Filter } from '../list/filter'
import type { Change } from '../list/useFilter'
import type { Span } from '../time'
import { useDialects } from './Dialects'
import { Status } from './Status'

type Set = (change: Change) => void

/** What a list is narrowed by. `/` goes to the search, as in most tools. */
export function Filters({ children, filter, clear }: { children: ReactNode; filter: Filter; clear: () => void }) {
  return (
    <search className="filters">
      {children}
      {narrows(filter) && (
        <button type="button" className="small" onClick={clear}>
          Clear filters
        </button>
      )}
    </search>
  )
}

type StatusProps = {
  all: readonly Parameters<typeof Status>[0]['of'][]
  chosen: string | undefined
  set: Set
  children?: ReactNode
}

/** Any number of statuses; none is all of them. */
export function StatusFilter({ all, chosen, set, children }: StatusProps) {
  const has = chosen?.split(',') ?? []
  return (
    <fieldset className="chips">
      <legend className="hidden">Status</legend>
      {all.map((status) => (
        <label key={status} className="chip">
          <input
            type="checkbox"
            checked={has.includes(status)}
            onChange={() => set({ status: toggle(chosen, status, all) })}
          />
          <Status of={status} />
        </label>
      ))}
      {children}
    </fieldset>
  )
}

type TextProps = {
  name: 'q' | 'kapp' | 'form' | 'tree' | 'event' | 'owner' | 'platform' | 'source'
  label: string
  hint?: string
  /** What is known to be there, to choose from. */
  known?: readonly string[]
  value: string | undefined
  set: Set
}

/** How long typing has to rest before the list follows it. */
const typing = 350

/** A text that narrows the list once typing rests, or at Enter. */
export function TextFilter({ name, label, hint, known = [], value = '', set }: TextProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [given, setGiven] = useState(value)
  if (value !== given) {
    // the address was changed by something else: a link, Back, Clear
    setGiven(value)
    setText(value)
  }
  const apply = useEffectEvent((next: string) => {
    if (next !== value) {
      setGiven(next)
      set({ [name]: next })
    }
  })
  useEffect(() => {
    const timer = setTimeout(() => apply(text.trim()), typing)
    return () => clearTimeout(timer)
  }, [text])
  useSlash(name === 'q', () => input.current?.focus())
  return (
    <div className="field" data-name={name}>
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        type="search"
        value={text}
        placeholder={hint}
        list={known.length > 0 ? `${id}-known` : undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      {known.length > 0 && (
        <datalist id={`${id}-known`}>
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </div>
  )
}

/** `/` anywhere but in a field. */
function useSlash(wanted: boolean, then: () => void): void {
  const latest = useEffectEvent(then)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target
      const writes = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
      if (wanted && event.key === '/' && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault()
        latest()
      }
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [wanted])
}

const reach: [Span, string][] = [
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
]

/** Only what fails at present, whatever its status. */
export function FailingFilter({ chosen, set }: { chosen: string | undefined; set: Set }) {
  return (
    <label className="chip">
      <input
        type="checkbox"
        checked={chosen !== undefined}
        onChange={(event) => set({ failing: event.target.checked ? 'true' : undefined })}
      />
      <Status of="failing" />
    </label>
  )
}

/** Only what came to something, or to nothing. */
export function FiredFilter({ chosen, set }: { chosen: 'true' | 'false' | undefined; set: Set }) {
  const chips = [
    ['false', 'none', 'Nothing fired'],
    ['true', 'fired', 'Fired'],
  ] as const
  return (
    <fieldset className="chips">
      <legend className="hidden">What came of it</legend>
      {chips.map(([fired, status, says]) => (
        <label key={fired} className="chip">
          <input
            type="checkbox"
            checked={chosen === fired}
            onChange={(event) => set({ fired: event.target.checked ? fired : undefined })}
          />
          <Status of={status} says={says} />
        </label>
      ))}
    </fieldset>
  )
}

/** How a verdict is asked for. */
const verdicts: [Outcome, string][] = [
  ['fired', 'Fired'],
  ['filtered', 'Filter said no'],
  ['error', 'Could not decide'],
  ['inactive', 'Webhook is inactive'],
  ['overridden', 'Overridden'],
  ['duplicate', 'A duplicate'],
  ['loop', 'Held as a loop'],
  ['none', 'Nothing listens'],
]

/** What became of at least one webhook. */
export function OutcomeFilter({ chosen = '', set }: { chosen: string | undefined; set: Set }) {
  const id = useId()
  return (
    <div className="field" data-name="outcome">
      <label htmlFor={id}>A verdict</label>
      <select id={id} value={chosen} onChange={(event) => set({ outcome: event.target.value })}>
        <option value="">Any</option>
        {verdicts.map(([outcome, says]) => (
          <option key={outcome} value={outcome}>
            {says}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Those in trouble first, or the newest. */
export function OrderFilter({ chosen, set }: { chosen: 'newest' | undefined; set: Set }) {
  const id = useId()
  return (
    <div className="field" data-name="order">
      <label htmlFor={id}>Order</label>
      <select id={id} value={chosen ?? ''} onChange={(event) => set({ order: event.target.value })}>
        <option value="">Trouble first</option>
        <option value="newest">Newest first</option>
      </select>
    </div>
  )
}

/** One dialect of REST hooks, or any. */
export function DialectFilter({ chosen = '', set }: { chosen: string | undefined; set: Set }) {
  const id = useId()
  const dialects = useDialects()
  return (
    <div className="field" data-name="dialect">
      <label htmlFor={id}>Dialect</label>
      <select id={id} value={chosen} onChange={(event) => set({ dialect: event.target.value })}>
        <option value="">Any</option>
        {dialects.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
        {chosen !== '' && !dialects.some(({ name }) => name === chosen) && <option value={chosen}>{chosen}</option>}
      </select>
    </div>
  )
}

/** How far back the list reaches, or between which times. */
export function TimeFilter({ filter, set }: { filter: Filter; set: Set }) {
  const id = useId()
  const [between, setBetween] = useState(false)
  const open = between || filter.from !== undefined || filter.to !== undefined
  const choose = (value: string) => {
    setBetween(value === 'between')
    set({ since: value === 'between' ? undefined : value, from: undefined, to: undefined })
  }
  return (
    <>
      <div className="field" data-name="time">
        <label htmlFor={id}>Time</label>
        <select
          id={id}
          value={filter.since ?? (open ? 'between' : '')}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">Any time</option>
          {reach.map(([span, text]) => (
            <option key={span} value={span}>
              {text}
            </option>
          ))}
          <option value="between">Between…</option>
        </select>
      </div>
      {open && filter.since === undefined && (
        <>
          <MomentField label="From" value={filter.from} set={(from) => set({ from })} />
          <MomentField label="To" value={filter.to} set={(to) => set({ to })} />
        </>
      )}
    </>
  )
}

type MomentFieldProps = { label: string; value: string | undefined; set: (value: string | undefined) => void }

/** A time in the viewer's zone, held in UTC. */
export function MomentField({ label, value, set }: MomentFieldProps) {
  const id = useId()
  const local = value === undefined ? '' : localText(new Date(value))
  return (
    <div className="field" data-name="moment">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        value={local}
        onChange={(event) => set(event.target.value === '' ? undefined : new Date(event.target.value).toISOString())}
      />
    </div>
  )
}

/** What a field of the kind datetime-local holds. */
function localText(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
