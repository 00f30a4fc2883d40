/** How wide something is just now, for pictures that are drawn to measure. */
import { type RefObject, useEffect, useState } from 'react'

export function useWidth(of: RefObject<HTMLElement | null>, before = 280): number {
  const [width, setWidth] = useState(before)
  useEffect(() => {
    if (!of.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(1, Math.floor(entry.contentRect.width)))
    })
    observer.observe(of.current)
    return () => observer.disconnect()
  }, [of])
  return width
}
