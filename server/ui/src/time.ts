const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Where the viewer is; tests say it themselves. */
export type Zone = string | undefined

/** How long something took, to two units at most: `850 ms`, `1.2 s`, `2 min 5 s`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < second) {
    return `${Math.max(0, Math.round(ms))} ms`
  }
  if (ms < 10 * second) {
    return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  }
  const steps: [number, string, number, string][] = [
    [day, 'd', hour, 'h'],
    [hour, 'h', minute, 'min'],
    [minute, 'min', second, 's'],
  ]
  for (const [unit, name, part, partName] of steps) {
    if (ms >= unit) {
      const rest = Math.floor((ms % unit) / part)
      return `${Math.floor(ms / unit)} ${name}${rest > 0 ? ` ${rest} ${partName}` : ''}`
    }
  }
  return `${Math.floor(ms / second)} s`
}

/** A time as seen from now, in its largest unit: `just now`, `12 s ago`, `in 3 min`. */
export function relative(at: number, now: number): string {
  const away = Math.abs(now - at)
  if (away < 5 * second) {
    return 'just now'
  }
  const units: [number, string][] = [
    [day, 'd'],
    [hour, 'h'],
    [minute, 'min'],
    [second, 's'],
  ]
  const [unit, name] = units.find(([size]) => away >= size) ?? [second, 's']
  const text = `${Math.floor(away / unit)} ${name}`
  return at > now ? `in ${text}` : `${text} ago`
}

/** A time as short as it stays clear: the clock today, the day with it in this year, else all of it. */
export function brief(at: number, now: number, zone?: Zone): string {
  const clock = format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, zone)
  const dayOf = (time: number) => format(time, { day: 'numeric', month: 'short', year: 'numeric' }, zone)
  if (dayOf(at) === dayOf(now)) {
    return clock
  }
  const [dayText, nowText] = [dayOf(at), dayOf(now)]
  const sameYear = dayText.slice(-4) === nowText.slice(-4)
  return `${sameYear ? dayText.slice(0, -5) : dayText}, ${clock}`
}

/** A time with its day, to the second. */
export function full(at: number, zone?: Zone): string {
  return format(
    at,
    { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    zone,
  )
}

/** A time as the API and the logs write it. */
export function utc(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

function format(at: number, parts: Intl.DateTimeFormatOptions, zone: Zone): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...parts,
    hourCycle: 'h23',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(at)
}

/** How far back a list reaches, by the word that stands in its address. */
export const spans = { '15m': 15 * minute, '1h': hour, '24h': day, '7d': 7 * day, '30d': 30 * day } as const
export type Span = keyof typeof spans
