/** Icons on a grid of 24, drawn with one stroke. They say nothing by themselves: words stand beside them. */
const paths = {
  home: 'M4 11l8-7 8 7M6 9.5V20h12V9.5',
  transfer: 'M4 9h14l-4-4M20 15H6l4 4',
  shield: 'M12 3l8 3v6c0 5-3.500 7.800-8 9-4.500-1.200-8-4-8-9V6zM9 12l2 2 4-4',
  gear: 'M12 8.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM12 2.500v3M12 18.500v3M2.500 12h3M18.500 12h3M5.300 5.300l2.100 2.100M16.600 16.600l2.100 2.100M18.700 5.300l-2.100 2.100M7.400 16.600l-2.100 2.100',
  bell: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4',
  logout: 'M14 4H6v16h8M10 12h10M17 8.500l3.500 3.500-3.500 3.500',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 1.500',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.300v.2',
  info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.2',
  chevron: 'M9 5l7 7-7 7',
  back: 'M20 12H5M11 5.500L4.500 12l6.500 6.500',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.500L20 4M16 8l3 3',
  phone: 'M8 3h8v18H8zM11 18h2',
  screen: 'M3 5h18v11H3zM9 20h6M12 16v4',
  filter: 'M4 6h16M7 12h10M10 18h4',
  undo: 'M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3',
  close: 'M6 6l12 12M18 6L6 18',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500',
} as const

export type IconName = keyof typeof paths
const directional = new Set<IconName>(['chevron', 'back', 'logout', 'undo'])

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={directional.has(name) ? 'icon icon-directional' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  )
}
