import { type Language, useSpoken } from '..'
import { ar } from './ar'
import { de } from './de'
import { en, type ProofMessages } from './en'

const catalogues: Record<Language, ProofMessages> = { en, de, ar }

export const useProofMessages = () => catalogues[useSpoken().language]
