/** How large a terminal may be. A pane with more room leaves some of it empty. */
export const MAX_COLUMNS = 500
export const MAX_ROWS = 200
