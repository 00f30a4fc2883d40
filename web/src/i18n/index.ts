/** Which language is spoken, and how times and days are said in it. Catalogues other than English are loaded when asked for. */
import { useSyncExternalStore } from 'react'
import { en, type Messages } from './en'
import type { InsideMessages } from './inside/en'

export type Language = 'en' | 'de' | 'ar'
export const languages: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
  { code: 'ar', name: 'العربية' },
]

/** Latin digits in Arabic too, as the numbers on cards and notes are read. */
const locales: Record<Language, string> = { en: 'en-US', de: 'de-DE', ar: 'ar-AE-u-nu-latn' }

const catalogues: Record<Language, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import('./de')).de,
  ar: async () => (await import('./ar')).ar,
}

/** Of pages behind the login. */
const inside: Record<Language, () => Promise<InsideMessages>> = {
  en: async () => (await import('./inside/en')).en,
  de: async () => (await import('./inside/de')).de,
  ar: async () => (await import('./inside/ar')).ar,
}
let isInside = false

export interface Spoken {
  language: Language
  locale: string
  t: Messages
}

let spoken: Spoken = { language: 'en', locale: locales.en, t: en }
const listeners = new Set<() => void>()

const isLanguage = (text: string): text is Language => text in locales

export async function speak(language: Language): Promise<void> {
  const [first, rest] = await Promise.all([catalogues[language](), isInside ? inside[language]() : undefined])
  const t = { ...first, ...rest }
  if (language === 'ar') await import('./arabic.css')
  spoken = { language, locale: locales[language], t }
  document.documentElement.lang = language
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
  for (const listener of listeners) listener()
}

/** In the language that `/theme.js` found. */
export const speakFirst = () =>
  speak(isLanguage(document.documentElement.lang) ? (document.documentElement.lang as Language) : 'en')

let goingInside: Promise<void> | undefined

/** Before the first page behind the login is shown. What could not be loaded is asked for again. */
export function speakInside(): Promise<void> {
  isInside = true
  goingInside ??= speak(spoken.language).catch((problem: unknown) => {
    goingInside = undefined
    throw problem
  })
  return goingInside
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
export const useSpoken = () => useSyncExternalStore(subscribe, () => spoken)
export const useT = () => useSpoken().t
export const now = () => spoken

const dayOf = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
const DAY = 86_400_000

/** Today, yesterday, or the day; the year only when it is another one. */
export function dayName(at: Date, { t, locale }: Spoken, today = new Date()): string {
  const ago = Math.round((dayOf(today) - dayOf(at)) / DAY)
  if (ago === 0) return t.day.today
  if (ago === 1) return t.day.yesterday
  const year = at.getFullYear() === today.getFullYear() ? undefined : 'numeric'
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year }).format(at)
}

export const timeOf = (at: Date, { locale }: Spoken) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at)

/** A day without a time zone, `2026-11-25`, as midnight here. */
export const dayFrom = (day: string) => new Date(`${day.slice(0, 10)}T00:00:00`)
