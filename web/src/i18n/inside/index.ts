/** Which language is spoken behind the login: the route of these pages waits for `speakInside`. */
import * as first from '..'
import type { Messages } from '../en'
import type { InsideMessages } from './en'

export type AllMessages = Messages & InsideMessages
type Spoken = Omit<first.Spoken, 't'> & { t: AllMessages }

export const useSpoken = () => first.useSpoken() as Spoken
export const useT = () => useSpoken().t
