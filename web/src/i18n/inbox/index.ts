import { type Language, useSpoken } from '..'
import { ar } from './ar'
import { de } from './de'
import { en, type InboxMessages } from './en'

const catalogues: Record<Language, InboxMessages> = { en, de, ar }

export const useInboxMessages = () => catalogues[useSpoken().language]
