/** The one script that runs before the first paint; apart from the store, because the document shell needs it too. */

/** Where the choice is stored. */
export const KEY = 'runclab.theme'

/**
 * Runs in <head> before anything is painted, so that no page flashes in the wrong theme. It also marks the
 * page as having JavaScript: styles hide what would not work without.
 */
export const THEME_SCRIPT = `(function(d){d.dataset.js='';try{var t=localStorage.getItem('${KEY}');\
if(t==='light'||t==='dark')d.dataset.theme=t}catch(e){}})(document.documentElement)`
