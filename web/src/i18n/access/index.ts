import { type Language, useSpoken } from '..'
import { ar } from './ar'
import { de } from './de'
import { type AccessMessages, en } from './en'

const catalogues: Record<Language, AccessMessages> = { en, de, ar }

export const useAccessMessages = () => catalogues[useSpoken().language]
