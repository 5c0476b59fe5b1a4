/** Counts in words: "1 lesson", "2 lessons". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
